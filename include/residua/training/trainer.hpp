// Trains a network: passes, and the optimizer's steps between them.
#pragma once

#include <residua/training/pass.hpp>
#include <residua/training/sgd.hpp>

#include <algorithm>
#include <cmath>

namespace residua::inline RESIDUA_ISA {

struct TrainerOptions {
    Threads threads = 1;     // so many of its own, or a user's Executor
    std::uint64_t seed = 1;  // of dropout masks
};

// Refers to parameters and owns the rest of what training needs: gradients, momentum, one arena of
// Net::training_bytes<Batch, Recomputation>, and the threads' scratch. Gives the same bits on any number of threads.
template <class Given, int Batch, class Recomputation = KeepAll>
class Trainer {
public:
    using Net = typename detail::NetworkOf<Given>::type;
    using T = typename Net::Scalar;
    using Checked = typename detail::CheckedRecomputation<Recomputation>::type;
    using Pass = TrainingPass<Given, Batch, Checked>;
    static_assert(Net::template training_bytes<Batch, Checked> > 0);  // (asked here, its error is shortest)
    static constexpr int capacity = Batch;

    // Error: momentum or weight decay out of range.
    explicit Trainer(Parameters<Given>& parameters, Sgd sgd = {}, TrainerOptions options = {})
        : parameters_(parameters),
          sgd_(detail::checked_sgd(sgd)),
          options_(options),
          pass_(options.threads),
          gradients_(Net::parameter_count),
          momentum_(Net::parameter_count),
          runs_(detail::decay_runs<Net>(sgd.decay)) {}

    template <class Other>
        requires(!std::same_as<Other, Given>)
    explicit Trainer(Parameters<Other>&, Sgd = {}, TrainerOptions = {})
        : Trainer(detail::of_another_network<Given, Other, Parameters<Given>>()) {}

    template <class Other>
    explicit Trainer(const Parameters<Other>&, Sgd = {}, TrainerOptions = {})
        : Trainer(detail::not_variable<Other, Parameters<Given>>()) {}

    // One step on n images ([n][channels][height][width]) and their labels, with the given learning rate. Allocates nothing
    // after it was made. Errors as of TrainingPass, and a rate that is no number or below zero: then nothing has changed. What a
    // user's layer throws passes through, and then running statistics may have moved.
    StepResult step(const T* images, const int* labels, int n, double rate) {
        Pass::check(images, labels, n);
        detail::expect_rate("learning rate", rate);
        clear_gradients();
        const Draws draws{options_.seed, static_cast<std::uint64_t>(steps_taken_), 0};
        const StepResult result = pass_(parameters_, images, labels, n, gradients_.data(), draws);
        update(rate);
        ++steps_taken_;
        return result;
    }

    // The same on anything with images, labels and n, as data::Batches gives them.
    template <class B>
        requires requires(const B& batch) { batch.images, batch.labels, batch.n; }
    StepResult step(const B& batch, double rate) { return step(batch.images, batch.labels, batch.n, rate); }

    std::int64_t steps_taken() const { return steps_taken_; }
    // Are all parameters, statistics and momenta numbers? If not, training has diverged, and no step leads back.
    bool is_finite() const {
        const auto finite = [](T value) { return std::isfinite(value); };
        const std::span<const T> values = parameters_.values();
        return std::all_of(values.begin(), values.end(), finite) &&
               std::all_of(momentum_.data(), momentum_.data() + momentum_.size(), finite);
    }
    std::span<const T> gradients() const { return gradients_.span(); }
    std::span<const T> momentum() const { return momentum_.span(); }
    const Parameters<Given>& parameters() const { return parameters_; }

    // Goes on where another trainer stood: with these parameters, this momentum, after so many steps.
    void restore(const Parameters<Given>& parameters, std::span<const T> momentum, std::int64_t steps_taken) {
        if (momentum.size() != momentum_.size() || steps_taken < 0) {
            fail({"residua: a trainer of ", momentum_.size(), " parameters was given momentum for ", momentum.size(), " and ",
                  steps_taken, " steps"});
        }
        parameters_ = parameters;
        std::copy(momentum.begin(), momentum.end(), momentum_.data());
        steps_taken_ = steps_taken;
    }

private:
    static int tasks(Size count) { return static_cast<int>(count); }

    void clear_gradients() {
        pass_.team().run(tasks(runs_.size()), [&](int i, std::byte*) {
            const detail::DecayRun& run = runs_[static_cast<Size>(i)];
            for (Size k = run.begin; k < run.end; ++k) gradients_.data()[k] = T(0);
        });
    }
    void update(double rate) {
        pass_.team().run(tasks(runs_.size()), [&](int i, std::byte*) {
            detail::sgd_step(sgd_, rate, runs_[static_cast<Size>(i)], gradients_.data(), momentum_.data(),
                             parameters_.parameters());
        });
    }

    Parameters<Given>& parameters_;
    Sgd sgd_;
    TrainerOptions options_;
    Pass pass_;
    Buffer<T> gradients_;
    Buffer<T> momentum_;
    std::vector<detail::DecayRun> runs_;
    std::int64_t steps_taken_ = 0;
};

}  // namespace residua::inline RESIDUA_ISA
