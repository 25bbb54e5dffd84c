// Stochastic gradient descent with momentum, as PyTorch computes it.
#pragma once

#include <residua/networks/parameters.hpp>
#include <residua/training/schedule.hpp>

namespace residua::inline RESIDUA_ISA {

// Which parameters decay: all (the paper), or weights of convolutions and linear layers only, sparing BN and biases.
enum class Decay { all, weights };

//   d = gradient + weight_decay parameter
//   m = momentum m + d
//   parameter -= rate (nesterov ? d + momentum m : m)
struct Sgd {
    double momentum = 0.9;       // at least 0 and below 1
    double weight_decay = 1e-4;  // at least 0
    bool nesterov = false;
    Decay decay = Decay::all;
};

namespace detail {

// The same, or an error: a momentum of one never forgets, and what is no number would reach every parameter.
inline Sgd checked_sgd(const Sgd& sgd) {
    if (!(sgd.momentum >= 0 && sgd.momentum < 1))
        fail({"residua: momentum: expected at least 0 and below 1, found ", shown(sgd.momentum)});
    if (!(std::isfinite(sgd.weight_decay) && sgd.weight_decay >= 0))
        fail({"residua: weight decay: expected a finite number of 0 or more, found ", shown(sgd.weight_decay)});
    return sgd;
}

// A run of parameters that decay alike, short enough to be one task.
struct DecayRun {
    Size begin = 0;
    Size end = 0;
    bool decays = true;
};

template <class Net>
std::vector<DecayRun> decay_runs(Decay decay) {
    constexpr Size longest = 16'384;
    std::vector<DecayRun> runs;
    Net::for_each_tensor([&](const TensorInfo& info) {
        if (is_statistic(info.role)) return;
        const bool decays = decay == Decay::all || info.role == Role::weight;
        for (Size at = info.offset; at < info.offset + info.size;) {
            const bool joins = !runs.empty() && runs.back().decays == decays && runs.back().end - runs.back().begin < longest;
            if (!joins) runs.push_back({at, at, decays});
            DecayRun& run = runs.back();
            run.end = std::min(info.offset + info.size, run.begin + longest);
            at = run.end;
        }
    });
    return runs;
}

template <class T>
void sgd_step(const Sgd& sgd, double rate, const DecayRun& run, const T* gradients, T* momentum, T* parameters) {
    const T decay = run.decays ? T(sgd.weight_decay) : T(0);
    const T inertia = T(sgd.momentum);
    const T step = T(rate);
    for (Size i = run.begin; i < run.end; ++i) {
        const T d = gradients[i] + decay * parameters[i];
        momentum[i] = inertia * momentum[i] + d;
        parameters[i] -= step * (sgd.nesterov ? d + inertia * momentum[i] : momentum[i]);
    }
}

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA
