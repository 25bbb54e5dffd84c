// Convolutions of the CIFAR networks, direct and Winograd's, and grouped ones, at batch 128 on one core: forward, data gradient,
// weight gradient, and both gradients at once; in GFLOP/s and in percent of the FMA peak of this core in this run. FLOPs are
// those of the definition, padded taps included: Winograd's needs fewer, and may be above the peak.
#include "support/peak.hpp"
#include "support/suite.hpp"

#include <residua/core/buffer.hpp>
#include <residua/kernels/vectorised.hpp>

#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

namespace {

using namespace residua;
using Direct = Vectorised<float, Exact>;
using Winograd = Vectorised<float>;

constexpr int images = 128;
constexpr int lanes = Direct::lanes;
double peak = 0;

// What counts for the bars: the square convolutions of stride 1, of which each policy runs the three passes.
struct Total {
    double seconds = 0;
    double flops = 0;
};
template <class K>
Total total;

constexpr kernels::ConvGeometry geometry(int channels, int extent, int filters, int stride, int groups) {
    const Window window{3, stride, 1};
    return {{channels, extent, extent}, {filters, window.over(extent), window.over(extent)}, window, groups};
}

template <class K, kernels::ConvGeometry G>
struct Fixture {
    using Convolution = typename K::template Convolution<G>;
    static constexpr Size weights = 9 * static_cast<Size>(G.inputs_a_group()) * static_cast<Size>(G.out.channels);
    static constexpr double flops = 2.0 * static_cast<double>(weights) * static_cast<double>(G.out.pixels()) * images;

    Fixture()
        : x(images * stored(G.in, lanes)),
          y(images * stored(G.out, lanes)),
          packed(Convolution::packed),
          dx(x.size()),
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
        Convolution::template data_gradient<false>(team, images, y.data(), w.data(), dx.data(), scratch.data());
    }
    void weight_gradient() {
        Convolution::weight_gradient(team, images, {x.data()}, y.data(), dw.data(), nullptr, scratch.data());
    }

    void gradients() {
        Convolution::template gradients<false>(team, images, {x.data()}, {y.data()}, w.data(), dw.data(), nullptr, dx.data(),
                                               scratch.data());
    }

    Buffer<float> x, y, packed, dx, scratch;
    Team team;
    std::vector<float> w, dw;
};

// Passes: how many times the FLOPs of the definition.
template <class K, kernels::ConvGeometry G, void (Fixture<K, G>::*Pass)(), int Passes, bool Counts>
void measure(benchmark::State& state) {
    Fixture<K, G> fixture;
    double best = 1e30;
    for (auto _ : state) best = std::min(best, bench::fastest(1, [&] { (fixture.*Pass)(); }));
    const double flops = Passes * Fixture<K, G>::flops;
    state.counters["GFLOP/s"] = flops / best * 1e-9;
    state.counters["%peak"] = 100 * flops / best / peak;
    if (Counts) {
        total<K>.seconds += best;
        total<K>.flops += flops;
    }
}

template <class K, int Channels, int Extent, int Filters, int By, int GroupCount = 1>
void add(const char* name) {
    constexpr kernels::ConvGeometry g = geometry(Channels, Extent, Filters, By, GroupCount);
    constexpr bool counts = Channels == Filters && GroupCount == 1;
    using F = Fixture<K, g>;
    const std::string shape = name;
    const auto set_up = [&](const char* pass, auto body) {
        benchmark::RegisterBenchmark((shape + pass).c_str(), body)->Unit(benchmark::kMillisecond)->Iterations(25);
    };
    set_up("/forward", measure<K, g, &F::forward, 1, counts>);
    set_up("/data_gradient", measure<K, g, &F::data_gradient, 1, false>);
    set_up("/weight_gradient", measure<K, g, &F::weight_gradient, 1, false>);
    set_up("/gradients", measure<K, g, &F::gradients, 2, counts>);
}

}  // namespace

int main(int argc, char** argv) {
    bench::Suite suite(argc, argv);
    peak = bench::fma_peak();
    suite.note("fma_peak_of_a_core_in_gflops", peak * 1e-9);
    add<Direct, 16, 32, 16, 1>("16ch_32x32");
    add<Direct, 32, 16, 32, 1>("32ch_16x16");
    add<Direct, 64, 8, 64, 1>("64ch_8x8");
    add<Winograd, 16, 32, 16, 1>("16ch_32x32_winograd");
    add<Winograd, 32, 16, 32, 1>("32ch_16x16_winograd");
    add<Winograd, 64, 8, 64, 1>("64ch_8x8_winograd");
    add<Direct, 3, 32, 16, 1>("stem_3_to_16ch");
    add<Direct, 16, 32, 32, 2>("16_to_32ch_stride2");
    add<Direct, 32, 16, 64, 2>("32_to_64ch_stride2");
    add<Direct, 128, 14, 128, 1, 32>("128ch_14x14_32_groups_of_4");
    add<Direct, 128, 14, 128, 1, 2>("128ch_14x14_2_groups_of_64");
    add<Direct, 96, 14, 96, 1, 8>("96ch_14x14_8_groups_of_12");
    add<Direct, 128, 14, 128, 1, 128>("128ch_14x14_depthwise");
    return suite.run([](bench::Bars& bars) {
        const double direct = total<Direct>.flops / total<Direct>.seconds;
        bars.at_least("direct_passes_percent_of_peak", 100 * direct / std::max(peak, bench::fma_peak()), 90);
        bars.at_least("winograd_over_direct", total<Winograd>.flops / total<Winograd>.seconds / direct, 2);
    });
}
