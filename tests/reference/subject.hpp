// What compare.hpp asks of a network, for any network; and networks that only cases have.
#pragma once

#include "compare.hpp"

#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/adamw.hpp>
#include <residua/training/trainer.hpp>

#include <algorithm>

namespace residua::inline RESIDUA_ISA::testing {

// Stages of N units at the given channels; the first keeps the stem's size, each of the others halves it.
template <int N, template <int, int> class W, int Stem, int Classes, class Order, class Shortcut, int First, int... Rest>
// clang-format off
struct CaseStages : Sequence<
    residua::detail::StemOf<Order, Conv<Stem>>,
    Stage<N, Unit<Order, W<First, 1>, Shortcut>>,
    Stage<N, Unit<Order, W<Rest, 2>, Shortcut>, Unit<Order, W<Rest, 1>, Shortcut>>...,
    residua::detail::FinalOf<Order>,
    GlobalAveragePool,
    Linear<Classes>> {};
// clang-format on

// Bottlenecks whose 3x3 convolution has so many groups.
template <int Groups>
struct Grouped {
    template <int Filters, int By>
    struct Weights : GroupedBottleneck<Filters, By, Groups, Filters / 4 / Groups> {};
};

template <class Net, int Batch>
struct Functions {
    using T = typename Net::Scalar;

    static Parameters<Net> parameters_of(const Given<T>& given) {
        Parameters<Net> parameters;
        std::copy(given.values.begin(), given.values.end(), parameters.values().begin());
        return parameters;
    }

    static std::vector<T> evaluate(const Given<T>& given) {
        const Inference<Net> engine(parameters_of(given));
        typename Inference<Net>::template Workspace<Batch> workspace;
        const std::span<const T> logits = engine(given.images, workspace);
        return {logits.begin(), logits.end()};
    }

    static Passed<T> pass(const Given<T>& given) {
        Parameters<Net> parameters = parameters_of(given);
        TrainingPass<Net, Batch> pass;
        Passed<T> result;
        result.gradients.resize(Net::parameter_count);
        result.input_gradient.resize(given.images.size());
        result.loss = pass(parameters, given.images.data(), given.labels.data(), Batch, result.gradients.data(), {},
                           result.input_gradient.data())
                          .loss;
        for (int i = 0; i < Batch; ++i) {
            result.logits.insert(result.logits.end(), pass.logits_of(i), pass.logits_of(i) + Net::output.size());
        }
        result.statistics.assign(parameters.statistics(), parameters.statistics() + Net::statistic_count);
        return result;
    }

    template <class Optimizer>
    static std::vector<T> train(const Given<T>& given, const Optimizer& optimizer, double rate, int steps) {
        Parameters<Net> parameters = parameters_of(given);
        Trainer<Net, Batch, Optimizer> trainer(parameters, optimizer);
        for (int step = 0; step < steps; ++step) trainer.step(given.images.data(), given.labels.data(), Batch, rate);
        return {parameters.parameters(), parameters.parameters() + Net::parameter_count};
    }
};

// With what PyTorch's steps can be compared.
enum class Steps { none, sgd, sgd_and_adamw };

template <class Net, int Batch, Steps With>
Subject<typename Net::Scalar> subject() {
    using F = Functions<Net, Batch>;
    Subject<typename Net::Scalar> result{tensors_of<Net>(), Net::parameter_count, F::evaluate, nullptr, nullptr, nullptr};
    if constexpr (With != Steps::none) {
        result.pass = F::pass;
        result.train = F::template train<Sgd>;
    }
    if constexpr (With == Steps::sgd_and_adamw) result.train_with_adamw = F::template train<AdamW>;
    return result;
}

}  // namespace residua::inline RESIDUA_ISA::testing
