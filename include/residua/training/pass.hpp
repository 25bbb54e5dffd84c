// One training pass: forward, loss, backward, on one arena whose size is a constant of the network.
#pragma once

#include <residua/core/arena.hpp>
#include <residua/networks/parameters.hpp>
#include <residua/training/loss.hpp>

#include <cstdint>
#include <string>

namespace residua::inline RESIDUA_ISA {

// Owns the arena (Net::training_bytes<Batch, Recomputation>) and the threads' scratch; parameters and gradients are the caller's.
// A pass allocates nothing.
template <class Given, int Batch, class Recomputation = KeepAll>
class TrainingPass {
public:
    using Net = typename detail::NetworkOf<Given>::type;
    using T = typename Net::Scalar;
    using K = typename Net::Kernels;
    using Root = typename Net::template Trained<Recomputation>;
    static constexpr Size arena_bytes = Net::template training_bytes<Batch, Recomputation>;
    static constexpr Size worker_bytes = Net::worker_bytes;

    explicit TrainingPass(Threads threads = 1)
        : team_(threads, worker_bytes), owned_(arena_bytes / sizeof(T)), arena_(owned_.data()) {}

    // On memory of the caller's. Error: it is smaller than arena_bytes, null, or not aligned to 64 bytes.
    explicit TrainingPass(std::span<std::byte> arena, Threads threads = 1)
        : team_(threads, worker_bytes), arena_(checked_arena<T>(arena, arena_bytes)) {}

    TrainingPass(const TrainingPass&) = delete;
    TrainingPass& operator=(const TrainingPass&) = delete;

    // Loss of n images ([n][channels][height][width]) and, added to `gradients`, its gradients; moves the running statistics of
    // `parameters`. input_gradient: null, or [n] images, where the first layer was asked for it.
    // Errors, before anything is changed: null; n not in [1, Batch]; a label out of range; one value a channel under a BN.
    StepResult operator()(Parameters<Given>& parameters, const T* images, const int* labels, int n, T* gradients,
                          Draws draws = {}, T* input_gradient = nullptr) {
        check(images, labels, n);
        const Frame<T> f = frame(parameters, gradients, n, draws);
        pack(images, n);
        Root::template forward<Mode::training>(f, Input<T>{input()}, Output<T>{logits()});

        const StepResult result = softmax_cross_entropy(n, classes, logits_pitch, logits(), labels, logit_gradients());

        const Gradient<T> dy{logit_gradients()};
        if constexpr (Root::discards) {
            if (!input_gradient) {
                backward(f, dy, Discard{});
                return result;
            }
            // Rare (analysis, tests), so the gradient of the images has memory of its own and not a place in every arena.
            Buffer<T> apart(static_cast<Size>(n) * input_stored);
            backward(f, dy, Output<T>{apart.data()});
            unpack(apart.data(), n, input_gradient);
        } else {
            T* blocked = logit_gradients() + Batch * Net::output_image;
            backward(f, dy, Output<T>{blocked});
            if (input_gradient) unpack(blocked, n, input_gradient);
        }
        return result;
    }

    // The errors of a pass on these arguments, and nothing else.
    static void check(const T* images, const int* labels, int n) {
        if (!images || !labels) fail({"residua: a step was given null for its ", images ? "labels" : "images"});
        if (n < 1 || n > Batch) {
            fail({"residua: a step takes 1 to ", Batch, " images, ", n, " were given"});
        }
        constexpr Size fewest_pixels = Net::fewest_pixels;
        if (fewest_pixels > 0 && fewest_pixels * static_cast<Size>(n) < 2) {
            fail(
                "residua: batch normalisation needs more than 1 value a channel in training, found 1 (images of 1x1 pixel in a "
                "batch of 1)");
        }
        for (int i = 0; i < n; ++i) {
            if (labels[i] < 0 || labels[i] >= classes) {
                fail({"residua: label ", i, " of a batch is ", labels[i], ", expected 0 to ", classes - 1});
            }
        }
    }

    // Logits of image i of the last pass, one a class.
    const T* logits_of(int i) const { return logits() + static_cast<Size>(i) * logits_pitch; }
    const Team& team() const { return team_; }

private:
    static constexpr Shape input_shape = Net::input_shape;
    static constexpr Size input_stored = stored(input_shape, K::lanes);
    static constexpr Size logits_pitch = stored(Net::output_shape, K::lanes);
    static constexpr int classes = static_cast<int>(Net::output_shape.size());
    static constexpr Need scratch =
        max(Root::template forward_scratch<Mode::training, false>, Root::template backward_scratch<false>);

    template <class Out>
    void backward(const Frame<T>& f, Gradient<T> dy, Out dx) const {
        Root::backward(f, read_if<Root::reads_input>(Input<T>{input()}), read_if<Root::reads_output>(Input<T>{logits()}), dy, dx);
    }

    // The arena: fixed | scratch_fixed | input | logits | their gradients | [input's gradient] | saved | scratch.
    T* fixed() const { return arena_; }
    T* scratch_fixed() const { return fixed() + rounded(Root::extent.fixed); }
    T* input() const { return scratch_fixed() + rounded(scratch.fixed); }
    T* logits() const { return input() + Batch * Net::input_image; }
    T* logit_gradients() const { return logits() + Batch * Net::output_image; }
    T* saved() const { return input() + Batch * Net::template border_image<Root>; }
    T* scratch_images() const { return saved() + Batch * rounded(Root::extent.saved); }

    Frame<T> frame(Parameters<Given>& parameters, T* gradients, int n, Draws draws) const {
        Frame<T> f;
        f.parameters = parameters.parameters();
        f.gradients = gradients;
        f.statistics = parameters.statistics();
        f.fixed = fixed();
        f.saved = saved();
        f.scratch_fixed = scratch_fixed();
        f.scratch = scratch_images();
        f.n = n;
        f.team = &team_;
        f.draws = draws;
        f.units = Root::extent.units;
        return f;
    }

    void pack(const T* images, int n) {
        team_.run(n, [&](int i, std::byte*) {
            const Size at = static_cast<Size>(i);
            K::to_blocked(images + at * input_shape.size(), input_shape, input() + at * input_stored);
        });
    }
    static void unpack(const T* blocked, int n, T* images) {
        for (int i = 0; i < n; ++i) {
            const Size at = static_cast<Size>(i);
            K::from_blocked(blocked + at * input_stored, input_shape, images + at * input_shape.size());
        }
    }

    Team team_;
    Buffer<T> owned_;
    T* arena_ = nullptr;
};

}  // namespace residua::inline RESIDUA_ISA
