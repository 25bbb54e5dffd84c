// Stochastic gradient descent with momentum, as PyTorch computes it.
#pragma once

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
        const T inertia = T(momentum);
        const T step = T(at.rate);
        T* m = run.states[0];
        for (Size i = 0; i < run.size; ++i) {
            const T d = run.gradients[i] + pull * run.parameters[i];
            m[i] = inertia * m[i] + d;
            run.parameters[i] -= step * (nesterov ? d + inertia * m[i] : m[i]);
        }
    }
};

}  // namespace residua::inline RESIDUA_ISA
