// One training pass: forward, loss, backward, on one arena whose size is a constant of the network.
#pragma once

#include <residua/core/arena.hpp>
#include <residua/networks/parameters.hpp>
#include <residua/training/loss.hpp>
#include <residua/training/policies.hpp>

#include <algorithm>
#include <span>
#include <type_traits>

namespace residua::inline RESIDUA_ISA {

// Owns the arena (Net::training_bytes<Batch, Recomputation>) and the threads' scratch; parameters and gradients are the caller's.
// A pass allocates nothing. Of a Trainer's policies, recomputation and what is watched are a pass's.
template <class Given, int Batch, class... P>
class TrainingPass {
public:
    using Net = typename detail::NetworkOf<Given>::type;
    using T = typename Net::Scalar;
    using K = typename Net::Kernels;
    using Policies = detail::Policies<T, P...>;
    using Recomputation = typename Policies::Recomputation;
    using Root = typename Net::template Trained<Recomputation, typename Policies::Watch>;
    static constexpr bool watches = !std::is_same_v<typename Policies::Watch, WatchNothing>;
    static constexpr Size arena_bytes = Net::template training_bytes<Batch, Recomputation>;
    static constexpr Size worker_bytes = Net::training_worker_bytes;

    explicit TrainingPass(Threads threads = 1)
        : team_(threads, worker_bytes), owned_(arena_bytes / sizeof(T)), arena_(owned_.data()) {}

    // On memory of the caller's. Error: it is smaller than arena_bytes, null, or not aligned to 64 bytes.
    explicit TrainingPass(std::span<std::byte> arena, Threads threads = 1)
        : team_(threads, worker_bytes), arena_(checked_arena<T>(arena, arena_bytes)) {}

    TrainingPass(const TrainingPass&) = delete;
    TrainingPass& operator=(const TrainingPass&) = delete;

    // Loss of n images ([n][channels][height][width]) and, added to `gradients`, its gradients; moves the running statistics of
    // `parameters`. input_gradient: null, or [n] images, where the first layer was asked for it.
    // Errors, before anything is changed: null; n not in [1, Batch]; those of the loss; one value a channel under a BN.
    template <IsLoss<T> Loss>
    StepResult operator()(Parameters<Given>& parameters, const T* images, int n, const Loss& loss, T* gradients, Draws draws = {},
                          T* input_gradient = nullptr) {
        check(images, n, loss);
        const Frame<T> f = frame(parameters, gradients, n, draws);
        pack(images, n);
        Root::template forward<Mode::training>(f, Input<T>{part(TrainingPart::input)}, Output<T>{logits()});

        const StepResult result = evaluate(loss, n);
        backward(f, n, input_gradient);
        return result;
    }

    // The same with a label an image, in [0, classes).
    StepResult operator()(Parameters<Given>& parameters, const T* images, const int* labels, int n, T* gradients,
                          Draws draws = {}, T* input_gradient = nullptr) {
        return (*this)(parameters, images, n, of_labels(labels, n), gradients, draws, input_gradient);
    }

    // Softmax cross-entropy with these labels. Error: null.
    static SoftmaxCrossEntropy of_labels(const int* labels, int n) {
        if (!labels) fail("residua: a step was given null for its labels");
        return {std::span(labels, static_cast<std::size_t>(n < 0 ? 0 : n))};
    }

    // The errors of a pass on these arguments, and nothing else.
    template <IsLoss<T> Loss>
    static void check(const T* images, int n, const Loss& loss) {
        if (n < 1 || n > Batch) {
            fail({"residua: a step takes 1 to ", Batch, " images, ", n, " were given"});
        }
        if (!images) fail("residua: a step was given null for its images");
        constexpr Size fewest_pixels = Net::fewest_pixels;
        if (fewest_pixels > 0 && fewest_pixels * static_cast<Size>(n) < 2) {
            fail(
                "residua: batch normalisation needs more than 1 value a channel in training, found 1 (images of 1x1 pixel in a "
                "batch of 1)");
        }
        detail::check_loss(loss, n, classes);
    }

    // Norms at each unit in the last pass that looked: x_0 ... x_L.
    std::span<const UnitNorms> unit_norms() const requires watches { return watch_.norms(); }
    template <class Watched = Given>
        requires(!watches)
    auto unit_norms() const -> std::span<const UnitNorms> {
        static_assert(sizeof(detail::ExpectWatch<Watched>) > 0);
        return {};
    }

    // Do the passes from here on look? At first they do. One that does not costs what it costs without the policy, and leaves
    // the norms as they were.
    void watch(bool looks) requires watches { looks_ = looks; }
    template <class Watched = Given>
        requires(!watches)
    void watch(bool) { static_assert(sizeof(detail::ExpectWatch<Watched>) > 0); }

    // Who looks, for an analysis that says at what.
    auto& unit_watch() requires watches { return watch_; }

    // Logits of image i of the last pass, one a class.
    const T* logits_of(int i) const { return logits() + static_cast<Size>(i) * logits_pitch; }
    const Team& team() const { return team_; }

private:
    static constexpr Shape input_shape = Net::input_shape;
    static constexpr Size input_image = Net::input_image;
    static constexpr Size logits_pitch = Net::output_image;
    static constexpr int classes = static_cast<int>(Net::output_shape.size());
    static_assert(Net::output_shape.pixels() == 1,
                  "residua: a loss reads one value a class: expected an output of one pixel (GlobalAveragePool, Linear)");

    T* part(TrainingPart which) const { return arena_ + Net::template training_ledger<Recomputation>.offset(which, Batch); }
    T* logits() const { return part(TrainingPart::logits); }

    template <class Loss>
    StepResult evaluate(const Loss& loss, int n) {
        T* gradients = part(TrainingPart::logit_gradients);
        std::fill_n(gradients, static_cast<Size>(n) * logits_pitch, T(0));
        return loss(Rows<const T>(logits(), n, classes, logits_pitch), Rows<T>(gradients, n, classes, logits_pitch));
    }

    void backward(const Frame<T>& f, int n, T* input_gradient) const {
        if constexpr (Root::discards) {
            if (!input_gradient) return backward(f, Discard{});
            // Rare (analysis, tests), so the gradient of the images has memory of its own and not a place in every arena.
            Buffer<T> apart(static_cast<Size>(n) * input_image);
            backward(f, Output<T>{apart.data()});
            unpack(apart.data(), n, input_gradient);
        } else {
            T* blocked = part(TrainingPart::input_gradients);
            backward(f, Output<T>{blocked});
            if (input_gradient) unpack(blocked, n, input_gradient);
        }
    }
    template <class Out>
    void backward(const Frame<T>& f, Out dx) const {
        Root::backward(f, read_if<Root::reads_input>(Input<T>{part(TrainingPart::input)}),
                       read_if<Root::reads_output>(Input<T>{logits()}), Gradient<T>{part(TrainingPart::logit_gradients)}, dx);
    }

    Frame<T> frame(Parameters<Given>& parameters, T* gradients, int n, Draws draws) {
        Frame<T> f;
        f.parameters = parameters.parameters();
        f.gradients = gradients;
        f.statistics = parameters.statistics();
        f.fixed = part(TrainingPart::fixed);
        f.saved = part(TrainingPart::saved);
        f.scratch_fixed = part(TrainingPart::scratch_fixed);
        f.scratch = part(TrainingPart::scratch);
        f.n = n;
        f.team = &team_;
        f.draws = draws;
        f.units = Root::extent.units;
        if constexpr (watches) f.watch = looks_ ? &watch_ : nullptr;
        return f;
    }

    void pack(const T* images, int n) {
        T* input = part(TrainingPart::input);
        team_.run(n, [&](int i, std::byte*) {
            const Size at = static_cast<Size>(i);
            K::to_blocked(images + at * input_shape.size(), input_shape, input + at * input_image);
        });
    }
    static void unpack(const T* blocked, int n, T* images) {
        for (int i = 0; i < n; ++i) {
            const Size at = static_cast<Size>(i);
            K::from_blocked(blocked + at * input_image, input_shape, images + at * input_shape.size());
        }
    }

    Team team_;
    Buffer<T> owned_;
    T* arena_ = nullptr;
    typename detail::WatchOf<typename Policies::Watch>::type watch_{Root::extent.units, Batch};
    bool looks_ = true;
};

}  // namespace residua::inline RESIDUA_ISA
