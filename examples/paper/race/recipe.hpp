// How the network of the race is trained (Jordan 2024; here for the mean loss of a batch where that is for its sum).
#pragma once

#include <residua/training/optimizer.hpp>

#include <cmath>
#include <cstdint>
#include <string_view>

namespace paper::race {

using namespace residua;

struct Recipe {
    double rate = 1.5;    // at its highest
    double rises = 0.23;  // so much of all steps, from `first` of the rate
    double first = 0.2;
    double last = 0.07;
    double momentum = 0.85;  // Nesterov's
    double weight_decay = 1.33e-3;
    double shifts_faster = 64;  // those of batch normalisation move at so many times the rate
    double smoothing = 0.2;     // of labels
    int pad = 2;                // pixels that a window may lie beside the image, which is reflected there
    int bias_epochs = 3;        // in which the whitening layer's bias is trained; its weights never are
};

// Triangular.
inline double rate_at(const Recipe& recipe, std::int64_t step, std::int64_t steps) {
    const double at = static_cast<double>(step) / static_cast<double>(steps);
    const double risen = at / recipe.rises;
    const double fallen = (at - recipe.rises) / (1 - recipe.rises);
    const double share = at < recipe.rises ? std::lerp(recipe.first, 1.0, risen) : std::lerp(1.0, recipe.last, fallen);
    return recipe.rate * share;
}

// Sgd with Nesterov's momentum, in which shifts move faster; what a step takes off a parameter by decay is the same for all.
struct TwoRates {
    static constexpr std::string_view name = "race-sgd";
    static constexpr Size states = 1;

    Recipe recipe = {};

    void check() const {}

    // (Everything decays. Parameters are cut into runs where this changes, and so shifts are told from the others.)
    bool decays(Role role) const { return role != Role::bn_bias; }

    template <class T>
    void update(UpdateAt at, const ParameterRun<T, states>& run) const {
        const double faster = run.decays ? 1 : recipe.shifts_faster;
        const T rate = T(at.rate * faster);
        const T decay = T(recipe.weight_decay / faster);
        simd::each_of_run<T>(run.size, [&]<class V>(Size i, std::type_identity<V>) RESIDUA_INLINE_LAMBDA {
            const V momentum = V(T(recipe.momentum));
            const V parameter = simd::read<V>(run.parameters + i);
            const V gradient = simd::fma(V(decay), parameter, simd::read<V>(run.gradients + i));
            const V speed = simd::flushed(simd::fma(momentum, simd::read<V>(run.states[0] + i), gradient));
            simd::write(run.states[0] + i, speed);
            simd::write(run.parameters + i, simd::flushed(simd::fma(V(-rate), simd::fma(momentum, speed, gradient), parameter)));
        });
    }
};

}  // namespace paper::race
