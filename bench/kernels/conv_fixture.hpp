// Convolutions as benchmarks: each geometry's four passes on one core, in GFLOP/s, percent of the FMA peak, GB/s and percent of
// the roof. FLOPs are those of the definition, padded taps included: Winograd's needs fewer, and may be above the peak; its roof
// is that of the multiply-adds which it has.
#pragma once

#include "support/roof.hpp"

#include <residua/core/buffer.hpp>
#include <residua/kernels/vectorised.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace bench {

using residua::Buffer;
using residua::Size;
using residua::Team;
using residua::kernels::ConvGeometry;
using Direct = residua::Vectorised<float, residua::Exact>;
using Default = residua::Vectorised<float>;

// A square window on a square image.
constexpr ConvGeometry conv(int window, int channels, int filters, int extent, int stride = 1, int groups = 1) {
    const residua::Window w{window, stride, window / 2};
    return {{channels, extent, extent}, {filters, w.over(extent), w.over(extent)}, w, groups};
}

// "3x3_64_to_128ch_56x56_stride2"
inline std::string name_of(const ConvGeometry& g) {
    const auto square = [](int extent) { return std::to_string(extent) + "x" + std::to_string(extent); };
    const std::string name = square(g.window.size) + "_" + std::to_string(g.in.channels) + "_to_" +
                             std::to_string(g.out.channels) + "ch_" + square(g.in.height);
    return g.window.stride == 1 ? name : name + "_stride" + std::to_string(g.window.stride);
}

// What a pass is called with.
struct Operands {
    const Team& team;
    int images;
    const float *x, *dy, *w, *packed;
    float *y, *dx, *dw, *scratch;
};
using Pass = void (*)(const Operands&);

// A convolution of one geometry by one policy's kernel: all that is a template stands here, so that a geometry costs the compiler
// its kernels and little else.
struct Subject {
    ConvGeometry g;
    int tile = 0;  // of Winograd's, or 0
    Size packed = 0;
    Size scratch = 0;
    std::size_t worker_bytes = 0;
    void (*pack)(const Team&, const float* w, float* to) = nullptr;
    Pass forward = nullptr;
    Pass data_gradient = nullptr;
    Pass weight_gradient = nullptr;
    Pass gradients = nullptr;
};
template <class K, ConvGeometry G>
Subject subject() {
    using C = typename K::template Convolution<G>;
    Subject s{G};
    if constexpr (!std::is_same_v<C, residua::kernels::DirectConvolution<float, G>>)
        s.tile = residua::kernels::winograd_tile<float>(G);
    s.packed = C::packed;
    s.scratch = residua::rounded(std::max(C::forward_scratch, C::gradient_scratch));
    s.worker_bytes = std::max(C::worker_bytes, C::backward_worker_bytes);
    s.pack = C::pack;
    s.forward = [](const Operands& o) {
        C::template forward<false>(o.team, o.images, {o.x}, o.packed, nullptr, o.y, o.scratch, nullptr);
    };
    s.data_gradient = [](const Operands& o) { C::template data_gradient<false>(o.team, o.images, o.dy, o.w, o.dx, o.scratch); };
    s.weight_gradient = [](const Operands& o) { C::weight_gradient(o.team, o.images, {o.x}, o.dy, o.dw, nullptr, o.scratch); };
    s.gradients = [](const Operands& o) {
        C::template gradients<false>(o.team, o.images, {o.x}, {o.dy}, o.w, o.dw, nullptr, o.dx, o.scratch);
    };
    return s;
}

// Sizes of a subject's tensors, in values.
struct Sizes {
    explicit Sizes(const ConvGeometry& g)
        : x(residua::stored(g.in, Direct::lanes)),
          y(residua::stored(g.out, Direct::lanes)),
          w(static_cast<Size>(g.window.size * g.window.size) * static_cast<Size>(g.inputs_a_group()) *
            static_cast<Size>(g.out.channels)) {}

    Size x, y;  // an image's
    Size w;
};

enum class Which { forward, data_gradient, weight_gradient, gradients };

inline Work work_of(const Subject& s, Which which, int images) {
    const Sizes sizes(s.g);
    const double x = 4.0 * images * static_cast<double>(sizes.x);
    // (Of x a window that is smaller than its stride reads a part.)
    const double share = std::min(1.0, static_cast<double>(s.g.window.size) / s.g.window.stride);
    const double seen = share * share * x;
    const double y = 4.0 * images * static_cast<double>(sizes.y);
    const double w = 4.0 * static_cast<double>(sizes.w);
    const double pass = 2.0 * static_cast<double>(sizes.w) * static_cast<double>(s.g.out.pixels()) * images;
    // A tile of Out x Out results has (Out + 2)^2 products a pair of channels, in place of 9 Out^2.
    const auto of_tiles = [&](const residua::Shape& to) {
        const auto across = [&](int extent) { return (extent + s.tile - 1) / s.tile; };
        const double positions = across(to.height) * across(to.width) * (s.tile + 2) * (s.tile + 2);
        return 2.0 * positions * s.g.in.channels * s.g.out.channels * images;
    };
    const double forward = s.tile > 0 ? of_tiles(s.g.out) : pass;
    const double data = s.tile > 0 ? of_tiles(s.g.in) : pass;
    const double weight = s.tile > 0 ? of_tiles(s.g.in) : pass;
    switch (which) {
        case Which::forward: return {.flops = pass, .needed = forward, .read = seen + w, .written = y};
        case Which::data_gradient: return {.flops = pass, .needed = data, .read = y + w, .written = x};
        case Which::weight_gradient: return {.flops = pass, .needed = weight, .read = seen + y, .written = w};
        case Which::gradients: return {.flops = 2 * pass, .needed = data + weight, .read = seen + y + w, .written = x + w};
    }
    return {};
}

inline Turns turns_of(const Machine& machine, const Work& work) { return {machine, work, 0.1}; }

// What some benchmarks took together.
struct Total {
    double seconds = 0;
    double flops = 0;
};

inline void measure(benchmark::State& state, const Machine& machine, const Subject& s, Which which, int images, Total* total) {
    const Sizes sizes(s.g);
    Buffer<float> x(static_cast<Size>(images) * sizes.x), y(static_cast<Size>(images) * sizes.y);
    Buffer<float> dx(x.size()), packed(s.packed), scratch(s.scratch);
    std::vector<float> w(sizes.w, 0.01F), dw(sizes.w);
    for (Size i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(std::sin(static_cast<double>(i % 4099)));
    for (Size i = 0; i < y.size(); ++i) y.data()[i] = static_cast<float>(std::cos(static_cast<double>(i % 4099)));
    const Team team(1, s.worker_bytes);
    s.pack(team, w.data(), packed.data());

    const Pass pass = which == Which::forward           ? s.forward
                      : which == Which::data_gradient   ? s.data_gradient
                      : which == Which::weight_gradient ? s.weight_gradient
                                                        : s.gradients;
    const Operands operands{team,          images,   x.data(),  y.data(),  w.data(),
                            packed.data(), y.data(), dx.data(), dw.data(), scratch.data()};
    const Work work = work_of(s, which, images);
    const double best = turns_of(machine, work).fastest_call(state, [&] { pass(operands); });
    report(state, machine, work, best);
    if (total) {
        total->seconds += best;
        total->flops += work.flops;
    }
}

// (A total counts what a step has: the forward pass and both gradients at once.)
inline void add(const Machine& machine, const Subject& s, const std::string& name, int images, Total* total = nullptr) {
    const auto add_pass = [&](const char* pass, Which which) {
        Total* counts = which == Which::forward || which == Which::gradients ? total : nullptr;
        benchmark::RegisterBenchmark(
            (name + pass).c_str(),
            [&machine, s, which, images, counts](benchmark::State& state) { measure(state, machine, s, which, images, counts); })
            ->Unit(benchmark::kMillisecond)
            ->Iterations(std::max(counts ? 25 : 3, turns_of(machine, work_of(s, which, images)).iterations));
    };
    add_pass("/forward", Which::forward);
    add_pass("/data_gradient", Which::data_gradient);
    add_pass("/weight_gradient", Which::weight_gradient);
    add_pass("/gradients", Which::gradients);
}

// The direct kernel and, where it is another, the default one, called "..._winograd": on so many images, which the name does not
// say, and on one.
template <ConvGeometry G>
void add_batches(const Machine& machine, int images, const std::string& name = name_of(G), Total* direct = nullptr,
                 Total* winograd = nullptr) {
    const auto both = [&](const Subject& s, const std::string& of, Total* total) {
        add(machine, s, of, images, total);
        add(machine, s, of + "/batch_1", 1);
    };
    both(subject<Direct, G>(), name, direct);
    if constexpr (residua::kernels::winograd_tile<float>(G) > 0) both(subject<Default, G>(), name + "_winograd", winograd);
}

}  // namespace bench
