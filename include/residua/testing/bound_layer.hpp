// One bound layer with all the memory it needs: to run a layer, a unit or any part of a network without a network around it.
#pragma once

#include <residua/core/buffer.hpp>
#include <residua/networks/network.hpp>
#include <residua/testing/numbers.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace residua::inline RESIDUA_ISA::testing {

template <class Spec, Signal In, class K>
class BoundLayer {
public:
    using T = typename K::Scalar;
    using Layer = At<Spec, In, K>;
    static constexpr Shape input = In;
    static constexpr Shape output = Layer::out;

    explicit BoundLayer(int images, const Threads& threads = 1)
        : n(images),
          parameters(Layer::extent.parameters),
          gradients(Layer::extent.parameters),
          statistics(Layer::extent.statistics),
          x(static_cast<Size>(images) * input.size()),
          dy(static_cast<Size>(images) * output.size()),
          prepared_(rounded(Layer::extent.prepared) + guard),
          fixed_(rounded(Layer::extent.fixed) + guard),
          saved_(static_cast<Size>(images) * rounded(Layer::extent.saved) + guard),
          scratch_fixed_(rounded(scratch.fixed) + guard),
          scratch_(static_cast<Size>(images) * rounded(scratch.image) + guard),
          blocked_x_(static_cast<Size>(images) * stored(input, K::lanes)),
          blocked_y_(static_cast<Size>(images) * stored(output, K::lanes)),
          blocked_dx_(blocked_x_.size()),
          blocked_dy_(blocked_y_.size()),
          absent_(std::max(Layer::extent.parameters, Layer::extent.statistics)),
          moments_(Layer::counts_moments ? static_cast<Size>(images) * moments_of_an_image(output) : 0),
          team_(threads, Layer::totals.worker_bytes) {
        draws.seed = 7;
        for (Buffer<T>* memory : lent()) poison(*memory);
    }

    // Values about one for BN's weights and variances, small ones elsewhere: nothing at its trivial value.
    void fill(std::uint64_t seed) {
        Numbers numbers(seed);
        for_each_tensor([&](const TensorInfo& info) {
            T* values = data(info);
            const double middle = info.role == Role::bn_weight || info.role == Role::running_variance ? 1 : info.initial;
            const double reach = info.role == Role::weight ? 0.7 : 0.3;
            for (Size i = 0; i < info.size; ++i) values[i] = static_cast<T>(middle + reach * numbers.next());
        });
        for (T& value : x) value = static_cast<T>(1.5 * numbers.next());
        for (T& value : dy) value = static_cast<T>(numbers.next());
    }

    template <class Visit>
    static void for_each_tensor(Visit visit) {
        detail::TensorVisitor<Visit> visitor(visit);
        Namer namer(visitor);
        Layer::describe(namer);
    }
    T* data(const TensorInfo& info) { return (is_statistic(info.role) ? statistics.data() : parameters.data()) + info.offset; }

    // Memory that a layer must not rely on holds NaN: scratch always, what is kept for backward when forward begins.
    template <Mode M>
    std::vector<T> forward() {
        to_blocked(x, input, blocked_x_);
        run_forward<M>(Input<T>{blocked_x_.data()});
        return from_blocked(blocked_y_, output);
    }

    // In training, with the moments of x counted by whoever wrote it.
    std::vector<T> forward_with_moments() {
        to_blocked(x, input, blocked_x_);
        const std::vector<T> moments = moments_of(blocked_x_, input);
        run_forward<Mode::training>(Input<T>{blocked_x_.data(), moments.data()});
        return from_blocked(blocked_y_, output);
    }

    // y += f(x) in place of y = f(x).
    std::vector<T> forward_onto(const std::vector<T>& y) {
        to_blocked(x, input, blocked_x_);
        to_blocked(y, output, blocked_y_);
        const Frame<T> f = frame(Layer::template forward_scratch<Mode::training, true>);
        Layer::template forward<Mode::training>(f, Input<T>{blocked_x_.data()}, Sum<T>{blocked_y_.data()});
        return from_blocked(blocked_y_, output);
    }

    // y in the place of x, for a layer that says in_place.
    std::vector<T> forward_in_place() {
        to_blocked(x, input, blocked_y_);
        const Frame<T> f = frame(Layer::template forward_scratch<Mode::training, false>);
        Layer::template forward<Mode::training>(f, Input<T>{blocked_y_.data()}, Output<T>{blocked_y_.data()});
        return from_blocked(blocked_y_, output);
    }

    // Has the last forward<Mode::inference>() written where, in a network, no memory is?
    bool inference_wrote_elsewhere() const {
        const auto written = [](const Buffer<T>& values) {
            return std::any_of(values.data(), values.data() + values.size(), is_written);
        };
        return written(absent_) || written(fixed_) || written(saved_);
    }

    // Has any call written behind the memory that the layer asked for?
    bool wrote_beyond() {
        for (Size m = 0; m < lent().size(); ++m) {
            const Buffer<T>& memory = *lent()[m];
            beyond_ = beyond_ || std::any_of(memory.data() + asked()[m], memory.data() + memory.size(), is_written);
        }
        return beyond_;
    }

    // After forward<Mode::training>(): gradients are added to, and the input's returned.
    std::vector<T> backward() {
        to_blocked(dy, output, blocked_dy_);
        run_backward(Output<T>{blocked_dx_.data()});
        return from_blocked(blocked_dx_, input);
    }

    // dx in the place of dy, for a layer that says in_place.
    std::vector<T> backward_in_place() {
        static_assert(stored(input, K::lanes) == stored(output, K::lanes));
        to_blocked(dy, output, blocked_dy_);
        run_backward(Output<T>{blocked_dy_.data()});
        return from_blocked(blocked_dy_, input);
    }

    // The gradients of parameters alone, for a layer that says discards.
    void backward_discarding() {
        to_blocked(dy, output, blocked_dy_);
        run_backward(Discard{});
    }

    // dx += in place of dx =.
    std::vector<T> backward_onto(const std::vector<T>& dx) {
        to_blocked(dy, output, blocked_dy_);
        to_blocked(dx, input, blocked_dx_);
        run_backward(Sum<T>{blocked_dx_.data()});
        return from_blocked(blocked_dx_, input);
    }

    // What a layer that counts moments gave in the last forward<Mode::training>(), and what K counts of the same images.
    std::vector<T> moments_counted() const { return {moments_.data(), moments_.data() + moments_.size()}; }
    std::vector<T> moments_expected() const { return moments_of(blocked_y_, output); }

    // Do lanes beyond the last channel hold zeros?
    bool padding_is_zero() const { return zero_beyond(blocked_y_, output) && zero_beyond(blocked_dx_, input); }

    int n;
    std::vector<T> parameters;
    std::vector<T> gradients;
    std::vector<T> statistics;
    std::vector<T> x;   // [n][channels][height][width]
    std::vector<T> dy;  // [n][channels][height][width]
    Draws draws{};

    // Which residual unit of how many the layer stands in.
    Size unit = 0;
    Size units = 1;

private:
    static constexpr Size moments_of_an_image(Shape s) { return 2 * static_cast<Size>(padded(s.channels, K::lanes)); }
    static constexpr Need forward_scratch = max(
        max(Layer::template forward_scratch<Mode::training, false>, Layer::template forward_scratch<Mode::training, true>),
        max(Layer::template forward_scratch<Mode::recompute, false>, Layer::template forward_scratch<Mode::inference, false>));
    static constexpr Need scratch =
        max(forward_scratch, max(Layer::template backward_scratch<false>, Layer::template backward_scratch<true>));

    template <Mode M>
    void run_forward(Input<T> from) {
        Frame<T> f = frame(Layer::template forward_scratch<M, false>);
        if constexpr (M == Mode::inference) Layer::prepare(f);
        wrote_beyond();
        poison(fixed_);
        poison(saved_);
        if constexpr (M == Mode::inference) {
            poison(absent_);
            f.gradients = absent_.data();
            f.statistics = absent_.data();
        }
        T* moments = Layer::counts_moments && M != Mode::inference ? moments_.data() : nullptr;
        Layer::template forward<M>(f, from, Output<T>{blocked_y_.data(), moments});
    }
    template <class Out>
    void run_backward(Out dx) {
        Layer::backward(frame(Layer::template backward_scratch<Out::accumulates>),
                        read_if<Layer::reads_input>(Input<T>{blocked_x_.data()}),
                        read_if<Layer::reads_output>(Input<T>{blocked_y_.data()}), Gradient<T>{blocked_dy_.data()}, dx);
    }

    // What is lent to the layer, how much of it it asked for, and what lies behind at least: NaN until a layer writes there.
    static constexpr Size guard = 64;
    std::array<Buffer<T>*, 5> lent() { return {&prepared_, &fixed_, &saved_, &scratch_fixed_, &scratch_}; }
    std::array<Size, 5> asked() const {
        const Size images = static_cast<Size>(n);
        return {rounded(Layer::extent.prepared), rounded(Layer::extent.fixed), images * rounded(Layer::extent.saved),
                rounded(asked_.fixed), images * rounded(asked_.image)};
    }

    static bool is_written(T value) { return value == value; }
    static void poison(Buffer<T>& values) {
        std::fill(values.data(), values.data() + values.size(), std::numeric_limits<T>::quiet_NaN());
    }
    std::vector<T> moments_of(const Buffer<T>& images, Shape shape) const {
        std::vector<T> result(static_cast<Size>(n) * moments_of_an_image(shape));
        for (Size i = 0; i < static_cast<Size>(n); ++i) {
            K::moments(images.data() + i * stored(shape, K::lanes), shape, Range{0, blocks_of(shape.channels, K::lanes)},
                       result.data() + i * moments_of_an_image(shape));
        }
        return result;
    }

    Frame<T> frame(Need need) {
        wrote_beyond();
        asked_ = need;
        poison(scratch_fixed_);
        poison(scratch_);
        Frame<T> f;
        f.parameters = parameters.data();
        f.gradients = gradients.data();
        f.statistics = statistics.data();
        f.prepared = prepared_.data();
        f.fixed = fixed_.data();
        f.saved = saved_.data();
        f.scratch_fixed = scratch_fixed_.data();
        f.scratch = scratch_.data();
        f.n = n;
        f.team = &team_;
        f.draws = draws;
        f.unit = unit;
        f.units = std::max(units, Layer::extent.units);
        return f;
    }
    void to_blocked(const std::vector<T>& plain, Shape shape, Buffer<T>& blocked) {
        for (Size i = 0; i < static_cast<Size>(n); ++i) {
            K::to_blocked(plain.data() + i * shape.size(), shape, blocked.data() + i * stored(shape, K::lanes));
        }
    }
    std::vector<T> from_blocked(const Buffer<T>& blocked, Shape shape) {
        std::vector<T> plain(static_cast<Size>(n) * shape.size());
        for (Size i = 0; i < static_cast<Size>(n); ++i) {
            K::from_blocked(blocked.data() + i * stored(shape, K::lanes), shape, plain.data() + i * shape.size());
        }
        return plain;
    }
    bool zero_beyond(const Buffer<T>& blocked, Shape shape) const {
        for (Size i = 0; i < static_cast<Size>(n); ++i) {
            for (int c = shape.channels; c < padded(shape.channels, K::lanes); ++c) {
                for (Size p = 0; p < shape.pixels(); ++p) {
                    const T value = blocked.data()[i * stored(shape, K::lanes) + blocked_index(shape.pixels(), K::lanes, c, p)];
                    if (!(value == T(0))) return false;
                }
            }
        }
        return true;
    }

    Buffer<T> prepared_;
    Buffer<T> fixed_;
    Buffer<T> saved_;
    Buffer<T> scratch_fixed_;
    Buffer<T> scratch_;
    Buffer<T> blocked_x_;
    Buffer<T> blocked_y_;
    Buffer<T> blocked_dx_;
    Buffer<T> blocked_dy_;
    Buffer<T> absent_;  // in the place of gradients and statistics in inference
    Buffer<T> moments_;
    Team team_;
    Need asked_{};  // scratch of the last call
    bool beyond_ = false;
};

}  // namespace residua::inline RESIDUA_ISA::testing
