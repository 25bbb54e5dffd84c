// One bound layer with all the memory it needs: to run a layer, a unit or any part of a network without a network around it.
#pragma once

#include <residua/networks/network.hpp>
#include <residua/testing/layer_memory.hpp>
#include <residua/testing/numbers.hpp>

#include <cstdint>
#include <vector>

namespace residua::inline RESIDUA_ISA::testing {

// (Every member is compiled for each layer that is tried: what does not call the layer is its memory's.)
template <class Spec, Signal In, class K>
class BoundLayer : public LayerMemory<typename K::Scalar> {
    using Memory = LayerMemory<typename K::Scalar>;
    using Memory::blocked_dx_, Memory::blocked_dy_, Memory::blocked_x_, Memory::blocked_y_;
    using Memory::to_blocked, Memory::from_blocked, Memory::lend, Memory::give_back, Memory::wanted_moments;

public:
    using T = typename K::Scalar;
    using Layer = At<Spec, In, K>;
    static constexpr Shape input = In;
    static constexpr Shape output = Layer::out;

    explicit BoundLayer(int images, const Threads& threads = 1) : Memory(sizes, images, threads) {}

    // Values about one for BN's weights and variances, small ones elsewhere: nothing at its trivial value.
    void fill(std::uint64_t seed) {
        Numbers numbers(seed);
        for_each_tensor([&](const TensorInfo& info) { Memory::fill_tensor(numbers, info); });
        Memory::fill_images(numbers);
    }

    template <class Visit>
    static void for_each_tensor(Visit visit) {
        detail::TensorVisitor<Visit> visitor(visit);
        Namer namer(visitor);
        Layer::describe(namer);
    }

    // Memory that a layer must not rely on is stale: scratch always, y and what is kept for backward when forward begins, dx when
    // backward does.
    template <Mode M>
    std::vector<T> forward() {
        to_blocked(this->x, input, blocked_x_);
        run_forward<M>(Input<T>{blocked_x_.data()});
        return from_blocked(blocked_y_, output);
    }

    // In training, with the moments of x counted by whoever wrote it.
    std::vector<T> forward_with_moments() {
        to_blocked(this->x, input, blocked_x_);
        const std::vector<T> moments = Memory::moments_of(blocked_x_, input);
        run_forward<Mode::training>(Input<T>{blocked_x_.data(), moments.data()});
        return from_blocked(blocked_y_, output);
    }

    // y += f(x) in place of y = f(x).
    std::vector<T> forward_onto(const std::vector<T>& y) {
        to_blocked(this->x, input, blocked_x_);
        to_blocked(y, output, blocked_y_);
        this->moments_.lend(this->moments_.room(), Guarded<T>::nan);
        const Frame<T> f = lend(Layer::template forward_scratch<Mode::training, true>);
        Layer::template forward<Mode::training>(f, Input<T>{blocked_x_.data()}, Sum<T>{blocked_y_.data(), wanted_moments()});
        give_back();
        return from_blocked(blocked_y_, output);
    }

    // y in the place of x, for a layer that says in_place.
    std::vector<T> forward_in_place() {
        to_blocked(this->x, input, blocked_y_);
        const Frame<T> f = lend(Layer::template forward_scratch<Mode::training, false>);
        Layer::template forward<Mode::training>(f, Input<T>{blocked_y_.data()}, Output<T>{blocked_y_.data()});
        give_back();
        return from_blocked(blocked_y_, output);
    }

    // After forward<Mode::training>(): gradients are added to, and the input's returned.
    std::vector<T> backward() {
        to_blocked(this->dy, output, blocked_dy_);
        Memory::prepare_backward();
        run_backward(Output<T>{blocked_dx_.data()});
        return from_blocked(blocked_dx_, input);
    }

    // dx in the place of dy, for a layer that says in_place.
    std::vector<T> backward_in_place() {
        static_assert(stored(input, K::lanes) == stored(output, K::lanes));
        to_blocked(this->dy, output, blocked_dy_);
        run_backward(Output<T>{blocked_dy_.data()});
        return from_blocked(blocked_dy_, input);
    }

    // The gradients of parameters alone, for a layer that says discards.
    void backward_discarding() {
        to_blocked(this->dy, output, blocked_dy_);
        run_backward(Discard{});
    }

    // dx += in place of dx =.
    std::vector<T> backward_onto(const std::vector<T>& dx) {
        to_blocked(this->dy, output, blocked_dy_);
        to_blocked(dx, input, blocked_dx_);
        run_backward(Sum<T>{blocked_dx_.data()});
        return from_blocked(blocked_dx_, input);
    }

private:
    static constexpr Need forward_scratch = max(
        max(Layer::template forward_scratch<Mode::training, false>, Layer::template forward_scratch<Mode::training, true>),
        max(Layer::template forward_scratch<Mode::recompute, false>, Layer::template forward_scratch<Mode::inference, false>));
    static constexpr Need scratch =
        max(forward_scratch, max(Layer::template backward_scratch<false>, Layer::template backward_scratch<true>));
    static constexpr LayerSizes<T> sizes{
        input,     output, K::lanes, Layer::extent, scratch, Layer::counts_moments, Layer::totals.training_worker_bytes(),
        K::moments};

    template <Mode M>
    void run_forward(Input<T> from) {
        Memory::prepare_forward();
        Frame<T> f = lend(Layer::template forward_scratch<M, false>);
        if constexpr (M == Mode::inference) {
            Memory::prepare_inference();
            Layer::prepare(f);
            Memory::take_away(f);
            Layer::template forward<M>(f, from, Output<T>{blocked_y_.data()});
        } else {
            Layer::template forward<M>(f, from, Output<T>{blocked_y_.data(), wanted_moments()});
        }
        give_back();
    }
    template <class Out>
    void run_backward(Out dx) {
        const Frame<T> f = lend(Layer::template backward_scratch<Out::accumulates>);
        Layer::backward(f, read_if<Layer::reads_input>(Input<T>{blocked_x_.data()}),
                        read_if<Layer::reads_output>(Input<T>{blocked_y_.data()}), Gradient<T>{blocked_dy_.data()}, dx);
        give_back();
    }
};

}  // namespace residua::inline RESIDUA_ISA::testing
