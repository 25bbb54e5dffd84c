// Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2), as PyTorch computes it.
#pragma once

#include <residua/simd/elementary.hpp>
#include <residua/simd/runs.hpp>
#include <residua/training/optimizer.hpp>
#include <residua/training/schedule.hpp>

#include <cmath>

namespace residua::inline RESIDUA_ISA {

//   parameter -= rate weight_decay parameter
//   m = beta1 m + (1 - beta1) gradient
//   v = beta2 v + (1 - beta2) gradient^2
//   parameter -= rate m' / (sqrt(v') + epsilon),   m' = m / (1 - beta1^step), v' = v / (1 - beta2^step)
struct AdamW {
    static constexpr std::string_view name = "adamw";
    static constexpr Size states = 2;  // m, v

    double beta1 = 0.9;  // at least 0 and below 1
    double beta2 = 0.999;
    double epsilon = 1e-8;       // above 0
    double weight_decay = 1e-2;  // at least 0
    Decay decay = Decay::all;

    void check() const {
        for (const double beta : {beta1, beta2}) {
            if (!(beta >= 0 && beta < 1)) fail({"residua: betas: expected at least 0 and below 1, found ", shown(beta)});
        }
        if (!(std::isfinite(epsilon) && epsilon > 0))
            fail({"residua: epsilon: expected a finite number above 0, found ", shown(epsilon)});
        detail::expect_rate("weight decay", weight_decay);
    }
    bool decays(Role role) const { return residua::decays(decay, role); }

    template <class T>
    void update(UpdateAt at, const ParameterRun<T, states>& run) const {
        const T kept = run.decays ? T(simd::fma(-at.rate, weight_decay, 1.0)) : T(1);
        const T step = T(at.rate / (1 - simd::power(beta1, at.step)));
        const T spread = T(std::sqrt(1 - simd::power(beta2, at.step)));
        simd::each_of_run<T>(run.size, [&]<class V>(Size i, std::type_identity<V>) RESIDUA_INLINE_LAMBDA {
            const V g = simd::read<V>(run.gradients + i);
            const V m = simd::flushed(simd::fma(V(T(beta1)), simd::read<V>(run.states[0] + i), V(T(1 - beta1)) * g));
            const V v = simd::flushed(simd::fma(V(T(beta2)), simd::read<V>(run.states[1] + i), V(T(1 - beta2)) * g * g));
            simd::write(run.states[0] + i, m);
            simd::write(run.states[1] + i, v);
            const V by = V(step) * m / (simd::sqrt(v) / V(spread) + V(T(epsilon)));
            simd::write(run.parameters + i, simd::flushed(simd::fma(V(kept), simd::read<V>(run.parameters + i), -by)));
        });
    }
};

}  // namespace residua::inline RESIDUA_ISA
