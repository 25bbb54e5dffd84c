// Stochastic gradient descent with momentum, as PyTorch computes it.
#pragma once

#include <residua/simd/elementary.hpp>
#include <residua/simd/runs.hpp>
#include <residua/training/optimizer.hpp>
#include <residua/training/schedule.hpp>

namespace residua::inline RESIDUA_ISA {

//   d = gradient + weight_decay parameter
//   m = momentum m + d
//   parameter -= rate (nesterov ? d + momentum m : m)
struct Sgd {
    static constexpr std::string_view name = "sgd";
    static constexpr Size states = 1;  // m

    double momentum = 0.9;       // at least 0 and below 1
    double weight_decay = 1e-4;  // at least 0
    bool nesterov = false;
    Decay decay = Decay::all;

    // (A momentum of one never forgets, and what is no number would reach every parameter.)
    void check() const {
        if (!(momentum >= 0 && momentum < 1))
            fail({"residua: momentum: expected at least 0 and below 1, found ", shown(momentum)});
        detail::expect_rate("weight decay", weight_decay);
    }
    bool decays(Role role) const { return residua::decays(decay, role); }

    template <class T>
    void update(UpdateAt at, const ParameterRun<T, states>& run) const {
        const T pull = run.decays ? T(weight_decay) : T(0);
        simd::each_of_run<T>(run.size, [&]<class V>(Size i, std::type_identity<V>) RESIDUA_INLINE_LAMBDA {
            const V inertia = V(T(momentum));
            const V parameter = simd::read<V>(run.parameters + i);
            const V d = simd::fma(V(pull), parameter, simd::read<V>(run.gradients + i));
            const V m = simd::flushed(simd::fma(inertia, simd::read<V>(run.states[0] + i), d));
            simd::write(run.states[0] + i, m);
            const V by = nesterov ? simd::fma(inertia, m, d) : m;
            simd::write(run.parameters + i, simd::flushed(simd::fma(V(T(-at.rate)), by, parameter)));
        });
    }
};

}  // namespace residua::inline RESIDUA_ISA
