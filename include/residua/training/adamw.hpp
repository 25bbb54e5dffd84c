// Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2), as PyTorch computes it.
#pragma once

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
        const double steps = static_cast<double>(at.step);
        const T kept = run.decays ? T(1 - at.rate * weight_decay) : T(1);
        const T step = T(at.rate / (1 - std::pow(beta1, steps)));
        const T spread = T(std::sqrt(1 - std::pow(beta2, steps)));
        const T b1 = T(beta1);
        const T b2 = T(beta2);
        const T new1 = T(1 - beta1);
        const T new2 = T(1 - beta2);
        const T least = T(epsilon);
        T* m = run.states[0];
        T* v = run.states[1];
        for (Size i = 0; i < run.size; ++i) {
            const T g = run.gradients[i];
            m[i] = b1 * m[i] + new1 * g;
            v[i] = b2 * v[i] + new2 * g * g;
            run.parameters[i] = kept * run.parameters[i] - step * m[i] / (std::sqrt(v[i]) / spread + least);
        }
    }
};

}  // namespace residua::inline RESIDUA_ISA
