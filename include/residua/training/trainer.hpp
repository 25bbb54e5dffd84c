// Trains a network: passes, and the optimizer's steps between them.
#pragma once

#include <residua/training/arguments.hpp>
#include <residua/training/pass.hpp>
#include <residua/training/policies.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace residua::inline RESIDUA_ISA {

struct TrainerOptions {
    Threads threads = 1;             // so many of its own, or a user's Executor
    std::uint64_t seed = 1;          // of dropout masks
    std::uint64_t first_sample = 0;  // where several processes share a step: the number in it of this one's first image
};

// Refers to parameters and owns the rest of what training needs: gradients, the optimizer's state, one arena of
// Net::training_bytes<Batch, Recomputation>, and the threads' scratch. Gives the same bits on any number of threads.
//
// Policies, in any order: RecomputeEvery<N> (else KeepAll); an optimizer (else Sgd); WatchUnits (else WatchNothing); a reduction
// over processes (else Alone): Trainer<Net, 128, AdamW, WatchUnits>.
template <class Given, int Batch, class... P>
class Trainer {
public:
    using Net = typename detail::NetworkOf<Given>::type;
    using T = typename Net::Scalar;
    using Policies = detail::Policies<T, P...>;
    using Optimizer = typename Policies::Optimizer;
    using Reduction = typename Policies::Reduction;
    using Pass = TrainingPass<Given, Batch, typename Policies::Recomputation, typename Policies::Watch>;
    // (Asked here, its error is shortest.)
    static_assert(Net::template training_bytes<Batch, typename Policies::Recomputation> > 0);
    static constexpr int capacity = Batch;

    // Error: settings of the optimizer that make no sense.
    explicit Trainer(Parameters<Given>& parameters, Optimizer optimizer = {}, TrainerOptions options = {},
                     Reduction reduction = {})
        : parameters_(parameters),
          optimizer_(checked(optimizer)),
          reduction_(std::move(reduction)),
          options_(options),
          pass_(options.threads),
          gradients_(Net::parameter_count),
          state_(Optimizer::states * Net::parameter_count),
          runs_(detail::runs_of<Net>(optimizer_)) {}

    template <class Other>
        requires(!std::same_as<Other, Given>)
    explicit Trainer(Parameters<Other>&, Optimizer = {}, TrainerOptions = {}, Reduction = {})
        : Trainer(detail::of_another_network<Given, Other, Parameters<Given>>()) {}

    template <class Other>
    explicit Trainer(const Parameters<Other>&, Optimizer = {}, TrainerOptions = {}, Reduction = {})
        : Trainer(detail::not_variable<Other, Parameters<Given>>()) {}

    template <class Other>
        requires(!std::convertible_to<const Other&, Optimizer>)
    explicit Trainer(Parameters<Given>&, const Other&, TrainerOptions = {}, Reduction = {})
        : Trainer(detail::not_the_optimizer<Other, Optimizer, Parameters<Given>>()) {}

    // One step on images ([n][channels][height][width]; n follows from their size) with a label each, by softmax cross-entropy,
    // with the given learning rate. Allocates nothing after it was made. Errors: no whole number of images, none, or more than
    // Batch; not as many labels, or one out of range; as of TrainingPass; a rate that is no number, below zero or infinite in T:
    // then nothing has changed. What a user's layer, loss or reduction throws passes through, and then running statistics may
    // have moved.
    StepResult step(std::span<const T> images, std::span<const int> labels, double rate) {
        return step(images, SoftmaxCrossEntropy{labels}, rate);
    }

    // The same with any loss.
    template <class Loss>
        requires(!detail::AreLabels<Loss>)
    StepResult step(std::span<const T> images, const Loss& loss, double rate) {
        return step(images.data(), detail::images_in(images.size(), Net::input_shape), loss, rate);
    }

    // The same on a batch, as data::Batches gives them. Error: its images are of another shape than the network's.
    template <IsBatch<T> B>
    StepResult step(const B& batch, double rate) {
        return step(images_of(batch), SoftmaxCrossEntropy{batch.labels}, rate);
    }
    template <IsBatch<T> B, class Loss>
    StepResult step(const B& batch, const Loss& loss, double rate) {
        return step(images_of(batch), loss, rate);
    }

    // The same on n images, and n labels, whose sizes cannot be checked.
    StepResult step(const T* images, const int* labels, int n, double rate) {
        return step(images, n, Pass::of_labels(labels, n), rate);
    }
    template <class Loss>
    StepResult step(const T* images, int n, const Loss& loss, double rate) {
        StepResult result;
        if constexpr (detail::ExpectedLoss<Loss, T>::found) {
            Pass::check(images, n, loss);
            expect_rate(rate);
            result = find_gradients(images, n, loss);
            update(rate);
        }
        return result;
    }

    // (What is none of these is one error.)
    template <class... Found>
        requires(!detail::fits_step<T, Found...>)
    StepResult step(const Found&...) {
        static_assert(sizeof(detail::ExpectStep<T, Found...>) > 0);
        return {};
    }

    // A step in two halves, between which gradients may be looked at and changed (clipped). The first half finds them (what was
    // there before is gone) and takes what a step takes, without the rate; ...
    StepResult find_gradients(std::span<const T> images, std::span<const int> labels) {
        return find_gradients(images, SoftmaxCrossEntropy{labels});
    }
    template <class Loss>
        requires(!detail::AreLabels<Loss>)
    StepResult find_gradients(std::span<const T> images, const Loss& loss) {
        return find_gradients(images.data(), detail::images_in(images.size(), Net::input_shape), loss);
    }
    template <IsBatch<T> B>
    StepResult find_gradients(const B& batch) {
        return find_gradients(images_of(batch), SoftmaxCrossEntropy{batch.labels});
    }
    template <IsBatch<T> B, class Loss>
    StepResult find_gradients(const B& batch, const Loss& loss) {
        return find_gradients(images_of(batch), loss);
    }
    StepResult find_gradients(const T* images, const int* labels, int n) {
        return find_gradients(images, n, Pass::of_labels(labels, n));
    }
    template <class Loss>
    StepResult find_gradients(const T* images, int n, const Loss& loss) {
        StepResult result;
        if constexpr (detail::ExpectedLoss<Loss, T>::found) {
            Pass::check(images, n, loss);
            found_ = false;
            clear_gradients();
            const Draws draws{options_.seed, static_cast<std::uint64_t>(steps_taken_), options_.first_sample};
            result = pass_(parameters_, images, n, loss, gradients_.data(), draws);
            result = reduction_(gradients_.span(), result);
            found_ = true;
        }
        return result;
    }
    template <class... Found>
        requires(!detail::fits_gradients<T, Found...>)
    StepResult find_gradients(const Found&...) {
        static_assert(sizeof(detail::ExpectStep<T, Found...>) > 0);
        return {};
    }
    std::span<T> gradients() { return gradients_.span(); }
    std::span<const T> gradients() const { return gradients_.span(); }

    // ... the second moves the parameters. Errors, after which nothing has changed: no gradients were found since the last one; a
    // rate that is no number, below zero or infinite in T.
    void update(double rate) {
        expect_rate(rate);
        if (!found_) fail("residua: an update needs gradients: expected find_gradients before it, found none since the last one");
        const UpdateAt at{rate, steps_taken_ + 1};
        pass_.team().run(static_cast<int>(runs_.size()),
                         [&](int i, std::byte*) { optimizer_.update(at, parameter_run(runs_[static_cast<Size>(i)])); });
        found_ = false;
        ++steps_taken_;
    }

    std::int64_t steps_taken() const { return steps_taken_; }
    // Are all parameters, statistics and the optimizer's state numbers? If not, training has diverged, and no step leads back.
    bool is_finite() const {
        const auto finite = [](T value) { return std::isfinite(value); };
        const std::span<const T> values = parameters_.values();
        const std::span<const T> kept = state();
        return std::all_of(values.begin(), values.end(), finite) && std::all_of(kept.begin(), kept.end(), finite);
    }
    // What the optimizer keeps, [Optimizer::states][parameter_count]: momentum, for Sgd.
    std::span<const T> state() const { return state_.span(); }
    const Parameters<Given>& parameters() const { return parameters_; }

    // ||x_l||, ||dE/dx_l|| and the gate at the input of each unit, and at the output of the last, in the last step that looked.
    std::span<const UnitNorms> unit_norms() const requires Pass::watches { return pass_.unit_norms(); }
    template <class Watched = Given>
        requires(!Pass::watches)
    auto unit_norms() const -> std::span<const UnitNorms> {
        static_assert(sizeof(detail::ExpectWatch<Watched>) > 0);
        return {};
    }

    // Do the steps from here on look at the units? At first they do. One that does not costs what it costs without WatchUnits,
    // and leaves the norms as they were.
    void watch(bool looks) requires Pass::watches { pass_.watch(looks); }
    template <class Watched = Given>
        requires(!Pass::watches)
    void watch(bool) { static_assert(sizeof(detail::ExpectWatch<Watched>) > 0); }

    // Goes on where another trainer stood: with these parameters, this state, after so many steps.
    void restore(const Parameters<Given>& parameters, std::span<const T> state, std::int64_t steps_taken) {
        if (state.size() != state_.size() || steps_taken < 0) {
            fail({"residua: a trainer that keeps ", state_.size(), " values was given ", state.size(), ", and ", steps_taken,
                  " steps"});
        }
        parameters_ = parameters;
        std::copy(state.begin(), state.end(), state_.data());
        steps_taken_ = steps_taken;
        found_ = false;
    }

private:
    static const Optimizer& checked(const Optimizer& optimizer) {
        optimizer.check();
        return optimizer;
    }

    static void expect_rate(double rate) {
        detail::expect_rate("learning rate", rate, static_cast<double>(std::numeric_limits<T>::max()));
    }

    template <IsBatch<T> B>
    static std::span<const T> images_of(const B& batch) {
        const std::span<const T> images = batch.images;
        detail::expect_images(Net::input_shape, batch.shape, batch.n, images.size());
        return images;
    }

    void clear_gradients() {
        pass_.team().run(static_cast<int>(runs_.size()), [&](int i, std::byte*) {
            const detail::RunPlace& run = runs_[static_cast<Size>(i)];
            for (Size k = run.begin; k < run.end; ++k) gradients_.data()[k] = T(0);
        });
    }
    ParameterRun<T, Optimizer::states> parameter_run(const detail::RunPlace& place) {
        ParameterRun<T, Optimizer::states> run;
        run.size = place.end - place.begin;
        run.decays = place.decays;
        run.parameters = parameters_.parameters() + place.begin;
        run.gradients = gradients_.data() + place.begin;
        for (Size s = 0; s < run.states.size(); ++s) run.states[s] = state_.data() + s * Net::parameter_count + place.begin;
        return run;
    }

    Parameters<Given>& parameters_;
    Optimizer optimizer_;
    [[no_unique_address]] Reduction reduction_;
    TrainerOptions options_;
    Pass pass_;
    Buffer<T> gradients_;
    Buffer<T> state_;
    std::vector<detail::RunPlace> runs_;
    std::int64_t steps_taken_ = 0;
    bool found_ = false;  // do the gradients await an update?
};

}  // namespace residua::inline RESIDUA_ISA
