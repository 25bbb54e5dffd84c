// Where several processes train one network together: what each found becomes what all found.
#pragma once

#include <residua/training/loss.hpp>

#include <concepts>
#include <span>

namespace residua::inline RESIDUA_ISA {

// A reduction is a value, called once a step between backward pass and optimizer, with what this process found of its images.
// Afterwards `gradients` are the mean over all processes' images (each counts as often as it has images), the same on each, and
// the result is that of all. What it throws ends the step; parameters and the optimizer's state are as they were.
//
//   StepResult operator()(std::span<T> gradients, StepResult mine)
//
// (Running statistics stay each process's own, as in PyTorch's DistributedDataParallel. Dropout masks differ where
// TrainerOptions::first_sample does.)
template <class R, class T>
concept IsReduction = requires(R& reduction, std::span<T> gradients, StepResult mine) {
    { reduction(gradients, mine) } -> std::same_as<StepResult>;
};

// One process trains alone.
struct Alone {
    template <class T>
    StepResult operator()(std::span<T>, StepResult mine) const {
        return mine;
    }
};

}  // namespace residua::inline RESIDUA_ISA
