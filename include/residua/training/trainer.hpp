// Trains a network: passes, and the optimizer's steps between them.
#pragma once

#include <residua/training/pass.hpp>
#include <residua/training/sgd.hpp>

namespace residua::inline RESIDUA_ISA {

struct TrainerOptions {
    Threads threads = 1;     // so many of its own, or a user's Executor
    std::uint64_t seed = 1;  // of dropout masks
};

// Refers to parameters and owns the rest of what training needs: gradients, momentum, one arena of
// Net::training_bytes<Batch, Policy>, and the threads' scratch. Gives the same bits on any number of threads.
template <class Net, int Batch, class Policy = KeepAll>
class Trainer {
public:
    using T = typename Net::Scalar;
    using Pass = TrainingPass<Net, Batch, typename detail::CheckedPolicy<Policy>::type>;
    static constexpr int capacity = Batch;

    explicit Trainer(Parameters<Net>& parameters, Sgd sgd = {}, TrainerOptions options = {})
        : parameters_(parameters),
          sgd_(sgd),
          options_(options),
          pass_(options.threads),
          gradients_(Net::parameter_count),
          momentum_(Net::parameter_count),
          runs_(detail::decay_runs<Net>(sgd.decay)) {}

    // One step on n images ([n][channels][height][width]) and their labels, with the given learning rate. Allocates nothing
    // after it was made. Errors as of TrainingPass, and then nothing has changed; what a user's layer throws passes through, and
    // then running statistics may have moved.
    StepResult step(const T* images, const int* labels, int n, double rate) {
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
    std::span<const T> gradients() const { return gradients_.span(); }
    std::span<const T> momentum() const { return momentum_.span(); }
    const Parameters<Net>& parameters() const { return parameters_; }

    // Goes on where another trainer stood: with these parameters, this momentum, after so many steps.
    void restore(const Parameters<Net>& parameters, std::span<const T> momentum, std::int64_t steps_taken) {
        if (momentum.size() != momentum_.size() || steps_taken < 0) {
            fail("residua: a trainer of " + std::to_string(momentum_.size()) + " parameters was given momentum for " +
                 std::to_string(momentum.size()) + " and " + std::to_string(steps_taken) + " steps");
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

    Parameters<Net>& parameters_;
    Sgd sgd_;
    TrainerOptions options_;
    Pass pass_;
    Buffer<T> gradients_;
    Buffer<T> momentum_;
    std::vector<detail::DecayRun> runs_;
    std::int64_t steps_taken_ = 0;
};

}  // namespace residua::inline RESIDUA_ISA
