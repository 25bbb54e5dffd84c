// Direct convolutions of the CIFAR networks, and grouped ones, at batch 128 on one core: forward, data gradient, weight gradient,
// in GFLOP/s and in percent of the FMA peak of this core in this run. FLOPs are those of the definition, padded taps included.
#include "support/peak.hpp"
#include "support/suite.hpp"

#include <residua/core/buffer.hpp>
#include <residua/kernels/vectorised.hpp>

#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

namespace {

using namespace residua;
using K = Vectorised<float>;

constexpr int images = 128;
double peak = 0;
double total_seconds = 0;
double total_flops = 0;

constexpr kernels::ConvGeometry geometry(int channels, int extent, int filters, int stride, int groups) {
    const Window window{3, stride, 1};
    return {{channels, extent, extent}, {filters, window.over(extent), window.over(extent)}, window, groups};
}

template <kernels::ConvGeometry G>
struct Fixture {
    using Convolution = K::Convolution<G>;
    static constexpr Size weights = 9 * static_cast<Size>(G.inputs_a_group()) * static_cast<Size>(G.out.channels);
    static constexpr double flops = 2.0 * static_cast<double>(weights) * static_cast<double>(G.out.pixels()) * images;

    Fixture()
        : x(images * stored(G.in, K::lanes)),
          y(images * stored(G.out, K::lanes)),
          packed(Convolution::packed),
          scratch(rounded(Convolution::gradient_scratch)),
          team(1, Convolution::worker_bytes),
          w(weights, 0.01F),
          dw(weights) {
        for (Size i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(std::sin(static_cast<double>(i)));
        for (Size i = 0; i < y.size(); ++i) y.data()[i] = static_cast<float>(std::cos(static_cast<double>(i)));
        Convolution::pack(team, w.data(), packed.data());
    }

    void forward() { Convolution::template forward<false>(team, images, {x.data()}, packed.data(), nullptr, y.data(), nullptr); }
    void data_gradient() {
        Convolution::template data_gradient<false>(team, images, y.data(), w.data(), x.data(), scratch.data());
    }
    void weight_gradient() {
        Convolution::weight_gradient(team, images, {x.data()}, y.data(), dw.data(), nullptr, scratch.data());
    }

    Buffer<float> x, y, packed, scratch;
    Team team;
    std::vector<float> w, dw;
};

template <kernels::ConvGeometry G, void (Fixture<G>::*Pass)(), bool Counts>
void measure(benchmark::State& state) {
    Fixture<G> fixture;
    double best = 1e30;
    for (auto _ : state) best = std::min(best, bench::fastest(1, [&] { (fixture.*Pass)(); }));
    state.counters["GFLOP/s"] = Fixture<G>::flops / best * 1e-9;
    state.counters["%peak"] = 100 * Fixture<G>::flops / best / peak;
    if (Counts) {
        total_seconds += best;
        total_flops += Fixture<G>::flops;
    }
}

template <int Channels, int Extent, int Filters, int By, int GroupCount = 1>
void add(const char* name) {
    constexpr kernels::ConvGeometry g = geometry(Channels, Extent, Filters, By, GroupCount);
    constexpr bool counts = Channels == Filters && GroupCount == 1;
    const std::string shape = name;
    const auto set_up = [](benchmark::internal::Benchmark* b) { b->Unit(benchmark::kMillisecond)->Iterations(25); };
    set_up(benchmark::RegisterBenchmark((shape + "/forward").c_str(), measure<g, &Fixture<g>::forward, counts>));
    set_up(benchmark::RegisterBenchmark((shape + "/data_gradient").c_str(), measure<g, &Fixture<g>::data_gradient, counts>));
    set_up(benchmark::RegisterBenchmark((shape + "/weight_gradient").c_str(), measure<g, &Fixture<g>::weight_gradient, counts>));
}

}  // namespace

int main(int argc, char** argv) {
    bench::Suite suite(argc, argv);
    peak = bench::fma_peak();
    suite.note("fma_peak_of_a_core_in_gflops", peak * 1e-9);
    add<16, 32, 16, 1>("16ch_32x32");
    add<32, 16, 32, 1>("32ch_16x16");
    add<64, 8, 64, 1>("64ch_8x8");
    add<3, 32, 16, 1>("stem_3_to_16ch");
    add<16, 32, 32, 2>("16_to_32ch_stride2");
    add<32, 16, 64, 2>("32_to_64ch_stride2");
    add<128, 14, 128, 1, 32>("128ch_14x14_32_groups_of_4");
    add<128, 14, 128, 1, 2>("128ch_14x14_2_groups_of_64");
    add<96, 14, 96, 1, 8>("96ch_14x14_8_groups_of_12");
    add<128, 14, 128, 1, 128>("128ch_14x14_depthwise");
    return suite.run([](bench::Bars& bars) {
        bars.at_least("conv_three_passes_percent_of_peak", 100 * total_flops / total_seconds / std::max(peak, bench::fma_peak()),
                      80);
    });
}
