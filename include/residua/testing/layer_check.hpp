// Checks a layer of your own, or any part of a network: gradients against central differences, and the rest of its contract.
//
//   #include <residua/testing/layer_check.hpp>
//
//   int main() {
//       const auto report = residua::testing::check_layer<Square, residua::Shape{5, 6, 4}>();
//       std::puts(report.text().c_str());
//       return report.ok() ? 0 : 1;
//   }
#pragma once

#include <residua/testing/gradient_check.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace residua::inline RESIDUA_ISA::testing {

// What was found wrong with a layer; nothing if it keeps its contract.
struct LayerReport {
    std::vector<std::string> wrong;

    bool ok() const { return wrong.empty(); }
    std::string text() const {
        std::string lines = ok() ? "the layer keeps its contract" : "";
        for (const std::string& line : wrong) lines += (lines.empty() ? "" : "\n") + line;
        return lines;
    }
};

namespace detail {

inline bool near(const std::vector<double>& a, const std::vector<double>& b) {
    for (Size i = 0; i < a.size(); ++i) {
        if (!(std::abs(a[i] - b[i]) <= 1e-9 * (1 + std::abs(b[i])))) return false;
    }
    return a.size() == b.size();
}
inline bool finite(const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}
inline std::vector<double> sum(const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> result = a;
    for (Size i = 0; i < a.size(); ++i) result[i] += b[i];
    return result;
}

// Runs a region's tasks from the last to the first, on two workers by turns: sums in the order of tasks get other bits.
inline void run_backwards(void*, int tasks, void* region, Executor::Task task) {
    for (int i = tasks - 1; i >= 0; --i) task(region, i, i % 2);
}

template <class Spec, Signal In, class K>
void check_on(const std::string& kernels, LayerReport& report) {
    using Layer = BoundLayer<Spec, In, K>;
    const auto expect = [&](bool right, const std::string& what) {
        if (!right) report.wrong.push_back(kernels + ": " + what);
    };

    // (Of a leaf shape inference has seen to it.)
    const residua::detail::Described described = residua::detail::described<typename Layer::Layer>();
    constexpr Extent extent = Layer::Layer::extent;
    expect(described.parameters == extent.parameters && described.statistics == extent.statistics,
           "it describes tensors of " + std::to_string(described.parameters) + " parameters and " +
               std::to_string(described.statistics) + " statistics, its extent says " + std::to_string(extent.parameters) +
               " and " + std::to_string(extent.statistics));
    if (!report.ok()) return;

    const GradientError error = gradient_check<Spec, In, K>();
    expect(error.relative < 2e-5, "the gradient of " + error.tensor + " differs from central differences, relative error " +
                                      shown(error.relative) + " (expected below 2e-05)");

    Layer layer(3);
    layer.fill(1);
    const std::vector<double> statistics = layer.statistics;
    const std::vector<double> y = layer.template forward<Mode::training>();
    if constexpr (Layer::Layer::counts_moments) {
        expect(layer.moments_counted() == layer.moments_expected(), "it says counts_moments, and the moments are not those of y");
    }
    const std::vector<double> dx = layer.backward();
    const std::vector<double> gradients = layer.gradients;
    expect(layer.padding_is_zero(), "lanes beyond the last channel are not zero");
    expect(finite(y) && finite(dx) && finite(gradients),
           "not a number: y, dx, scratch or saved values are read that were not written, or what lies around x, dy or the "
           "parameters");
    if constexpr (Layer::Layer::discards) {
        layer.gradients.assign(gradients.size(), 0);
        layer.backward_discarding();
        expect(layer.gradients == gradients, "it says discards, and gives other gradients of parameters where dx is Discard");
    }
    if constexpr (Layer::Layer::in_place) {
        layer.gradients.assign(gradients.size(), 0);
        expect(layer.backward_in_place() == dx, "it says in_place, and gives another dx where dx is dy");
    }
    layer.gradients = gradients;

    // Sums: gradients of parameters always, values and the input's gradient where asked.
    layer.backward();
    expect(near(layer.gradients, sum(gradients, gradients)), "gradients of parameters are written, expected to be added");
    expect(near(layer.backward_onto(layer.x), sum(layer.x, dx)), "dx is not added where dx accumulates");
    layer.statistics = statistics;
    expect(near(layer.forward_onto(layer.dy), sum(layer.dy, y)), "y is not added where y accumulates");
    if constexpr (Layer::Layer::counts_moments) {
        expect(layer.moments_counted() == layer.moments_expected(),
               "it says counts_moments, and the moments are not those of y where y accumulates");
    }
    if constexpr (Layer::Layer::in_place) {
        layer.statistics = statistics;
        expect(layer.forward_in_place() == y, "it says in_place, and gives other values where y is x");
    }

    // Once more for a backward pass; moments from outside.
    layer.statistics = statistics;
    expect(layer.template forward<Mode::recompute>() == y && layer.statistics == statistics,
           "Mode::recompute gives other values than Mode::training, or moves the statistics");
    if constexpr (Layer::Layer::counts_moments) {
        expect(layer.moments_counted() == layer.moments_expected(),
               "it says counts_moments, and the moments are not those of y in Mode::recompute");
    }
    if constexpr (Layer::Layer::wants_moments) {
        layer.statistics = statistics;
        expect(layer.forward_with_moments() == y, "it says wants_moments, and gives other values where x.moments is there");
    }

    layer.statistics = statistics;
    const std::vector<double> inferred = layer.template forward<Mode::inference>();
    expect(finite(inferred) && layer.padding_is_zero() && !layer.inference_wrote_elsewhere(),
           "in inference it uses gradients, statistics, fixed or saved memory, which are not there, or scratch that it has not "
           "written");

    if constexpr (extent.statistics == 0 && extent.draws == 0) {
        expect(near(inferred, y), "inference gives other values than training, without statistics and without draws (extent)");
    }

    // What is drawn: nothing in inference; in training either nothing (a probability of zero) or by seed, step and image. So many
    // tries find what one image in a hundred shows.
    const Draws draws = layer.draws;
    const auto moves = [&](std::uint64_t Draws::*part) {
        constexpr std::uint64_t tries = extent.draws > 0 ? 200 : 8;
        for (std::uint64_t i = 1; i <= tries; ++i) {
            layer.draws = draws;
            layer.draws.*part += i;
            layer.statistics = statistics;
            if (layer.template forward<Mode::training>() != y) return true;
        }
        return false;
    };
    const int moving = !finite(y) ? 0 : moves(&Draws::seed) + moves(&Draws::step) + moves(&Draws::first_sample);
    expect(moving == 0 || extent.draws > 0, "in training it draws, and does not say so (extent.draws)");
    expect(moving == 0 || moving == 3 || extent.draws == 0,
           "what it draws does not depend on all of f.draws: seed, step, and first_sample + the image's number");
    if constexpr (extent.draws > 0 && extent.statistics == 0) {
        // (Where images meet in statistics, no image's values are its own.)
        Layer later(3);
        later.fill(1);
        std::rotate(later.x.begin(), later.x.begin() + Layer::input.size(), later.x.end());
        bool same = true;
        for (std::uint64_t i = 1; i <= 16; ++i) {
            layer.draws = {draws.seed, draws.step + i, draws.first_sample};
            later.draws = {draws.seed, draws.step + i, draws.first_sample + 1};
            const std::vector<double> here = layer.template forward<Mode::training>();
            const std::vector<double> there = later.template forward<Mode::training>();
            constexpr Size image = Layer::output.size();
            same = same && near({here.begin() + image, here.end()}, {there.begin(), there.end() - image});
        }
        expect(same, "what it draws for an image depends on its place in the batch, not on first_sample + that place");
    }
    for (std::uint64_t i = 1; i <= 8; ++i) {
        layer.draws = {draws.seed + i, draws.step + i, draws.first_sample + i};
        layer.statistics = statistics;
        if (layer.template forward<Mode::inference>() == inferred || !finite(inferred)) continue;
        expect(false, "in inference it draws");
        break;
    }

    expect(!layer.wrote_beyond(),
           "it writes beyond the memory that it asks for (extent, forward_scratch, backward_scratch), beyond y or beyond dx");

    // Once more where other numbers lie in what is not written: a NaN may be swallowed (by a ReLU).
    Layer stale(3);
    stale.fill(1);
    stale.stale = 3;
    expect(stale.template forward<Mode::training>() == y && stale.backward() == dx && stale.gradients == gradients,
           "in training it reads memory that it has not written: y, dx, scratch or saved values");
    stale.statistics = statistics;
    expect(stale.template forward<Mode::inference>() == inferred,
           "in inference it reads memory that it has not written: scratch, or what prepare should have prepared");

    // The same bits on any number of threads.
    Layer on_threads(3, 3);
    on_threads.fill(1);
    expect(on_threads.template forward<Mode::training>() == y && on_threads.backward() == dx && on_threads.gradients == gradients,
           "three threads give other bits than one");

    // And in any order of tasks: a race that three threads may win. (A sum can be the same in both orders by chance: more
    // images, and more than once.)
    Layer in_order(7);
    Layer backwards(7, Executor{.workers = 2, .run = run_backwards});
    bool same = true;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        for (Layer* each : {&in_order, &backwards}) {
            each->fill(seed);
            each->gradients.assign(gradients.size(), 0);
        }
        same = same && in_order.template forward<Mode::training>() == backwards.template forward<Mode::training>() &&
               in_order.backward() == backwards.backward() && in_order.gradients == backwards.gradients &&
               in_order.statistics == backwards.statistics;
    }
    expect(same, "tasks that run in another order give other bits: do they add to the same place?");
}

}  // namespace detail

// Gradients, sums, moments, zero lanes, work in place, use of memory in every mode, draws and threads of a layer on images of a
// shape (odd sizes find most), with plain loops and with vectors, in double. What inference should give where there are
// statistics or draws only its author knows. A layer that no network takes gives the error that a network gives.
template <class Spec, Shape In>
LayerReport check_layer() {
    static_assert(sizeof(fault::RefusalOf<residua::detail::checked<In, Spec>>) > 0);
    LayerReport report;
    if constexpr (residua::detail::checked<In, Spec>.ok()) {
        detail::check_on<Spec, Signal(In), PlainLoops<double>>("plain loops", report);
        detail::check_on<Spec, Signal(In), Vectorised<double>>("vectorised", report);
    }
    return report;
}

}  // namespace residua::inline RESIDUA_ISA::testing
