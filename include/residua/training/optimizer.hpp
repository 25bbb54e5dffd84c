// What an optimizer is: how a run of parameters moves, given their gradients.
#pragma once

#include <residua/core/error.hpp>
#include <residua/networks/parameters.hpp>

#include <array>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <vector>

namespace residua::inline RESIDUA_ISA {

// Parameters that are neighbours in memory and decay alike: at most `longest_run`, never all of a network. They move one by one.
template <class T, Size States>
struct ParameterRun {
    Size size = 0;
    bool decays = true;
    T* parameters = nullptr;          // [size]
    const T* gradients = nullptr;     // [size]
    std::array<T*, States> states{};  // [States][size]: zero before the first step, and then what the optimizer left there
};
inline constexpr Size longest_run = 16'384;

// When it moves.
struct UpdateAt {
    double rate = 0;        // the learning rate: finite, 0 or more
    std::int64_t step = 1;  // counted from 1
};

// Which parameters decay: all (the paper), or weights of convolutions and linear layers only, sparing BN and biases.
enum class Decay { all, weights };

inline constexpr Size longest_optimizer_name = 24;

constexpr bool decays(Decay decay, Role role) { return decay == Decay::all || is_weight(role); }

// An optimizer is a value, Sgd{.momentum = 0.9}:
//
//   static constexpr std::string_view name     1 to 24 characters: a checkpoint is refused by an optimizer of another name
//   static constexpr Size states               values that it keeps for each parameter
//   void check() const                         Error: settings that make no sense
//   bool decays(Role role) const               runs of parameters are cut where this changes
//   void update(UpdateAt, ParameterRun<T, states>) const      for T float and double; on many threads at once
template <class O, class T = float>
concept IsOptimizer = std::copyable<O> && requires(const O& optimizer, UpdateAt at, Role role, ParameterRun<T, O::states> run) {
    requires !std::string_view(O::name).empty() && std::string_view(O::name).size() <= longest_optimizer_name;
    { optimizer.check() } -> std::same_as<void>;
    { optimizer.decays(role) } -> std::same_as<bool>;
    optimizer.update(at, run);
};

namespace detail {

// Where a run begins and ends among a network's parameters: short enough to be one task.
struct RunPlace {
    Size begin = 0;
    Size end = 0;
    bool decays = true;
};

template <class Net, class Optimizer>
std::vector<RunPlace> runs_of(const Optimizer& optimizer) {
    std::vector<RunPlace> runs;
    Net::for_each_tensor([&](const TensorInfo& info) {
        if (is_statistic(info.role)) return;
        const bool decays = optimizer.decays(info.role);
        for (Size at = info.offset; at < info.offset + info.size;) {
            const bool joins = !runs.empty() && runs.back().decays == decays && runs.back().end - runs.back().begin < longest_run;
            if (!joins) runs.push_back({at, at, decays});
            RunPlace& run = runs.back();
            run.end = std::min(info.offset + info.size, run.begin + longest_run);
            at = run.end;
        }
    });
    return runs;
}

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA
