// One bound layer with all the memory it needs: to run a layer, a unit or any part of a network without a network around it.
#pragma once

#include <residua/core/buffer.hpp>
#include <residua/networks/network.hpp>
#include <residua/testing/numbers.hpp>

#include <algorithm>
#include <cstdint>
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
          prepared_(rounded(Layer::extent.prepared)),
          fixed_(rounded(Layer::extent.fixed)),
          saved_(static_cast<Size>(images) * rounded(Layer::extent.saved)),
          scratch_fixed_(rounded(scratch.fixed)),
          scratch_(static_cast<Size>(images) * rounded(scratch.image)),
          blocked_x_(static_cast<Size>(images) * stored(input, K::lanes)),
          blocked_y_(static_cast<Size>(images) * stored(output, K::lanes)),
          blocked_dx_(blocked_x_.size()),
          blocked_dy_(blocked_y_.size()),
          moments_(Layer::counts_moments ? static_cast<Size>(images) * moments_of_an_image : 0),
          team_(threads, Layer::totals.worker_bytes) {
        draws.seed = 7;
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

    template <Mode M>
    std::vector<T> forward() {
        const Frame<T> f = frame();
        to_blocked(x, input, blocked_x_);
        if constexpr (M == Mode::inference) Layer::prepare(f);
        T* moments = Layer::counts_moments && M != Mode::inference ? moments_.data() : nullptr;
        Layer::template forward<M>(f, Input<T>{blocked_x_.data()}, Output<T>{blocked_y_.data(), moments});
        return from_blocked(blocked_y_, output);
    }

    // y += f(x) in place of y = f(x).
    std::vector<T> forward_onto(const std::vector<T>& y) {
        to_blocked(x, input, blocked_x_);
        to_blocked(y, output, blocked_y_);
        Layer::template forward<Mode::training>(frame(), Input<T>{blocked_x_.data()}, Sum<T>{blocked_y_.data()});
        return from_blocked(blocked_y_, output);
    }

    // y in the place of x, for a layer that says in_place.
    std::vector<T> forward_in_place() {
        to_blocked(x, input, blocked_y_);
        Layer::template forward<Mode::training>(frame(), Input<T>{blocked_y_.data()}, Output<T>{blocked_y_.data()});
        return from_blocked(blocked_y_, output);
    }

    // After forward<Mode::training>(): gradients are added to, and the input's returned.
    std::vector<T> backward() {
        to_blocked(dy, output, blocked_dy_);
        run_backward(Output<T>{blocked_dx_.data()});
        return from_blocked(blocked_dx_, input);
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
    std::vector<T> moments_expected() const {
        std::vector<T> result(moments_.size());
        for (Size i = 0; i < static_cast<Size>(n); ++i) {
            K::moments(blocked_y_.data() + i * stored(output, K::lanes), output, Range{0, blocks_of(output.channels, K::lanes)},
                       result.data() + i * moments_of_an_image);
        }
        return result;
    }

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
    static constexpr Size moments_of_an_image = 2 * static_cast<Size>(padded(output.channels, K::lanes));
    static constexpr Need forward_scratch =
        max(max(Layer::template forward_scratch<Mode::training, false>, Layer::template forward_scratch<Mode::training, true>),
            Layer::template forward_scratch<Mode::inference, false>);
    static constexpr Need scratch =
        max(forward_scratch, max(Layer::template backward_scratch<false>, Layer::template backward_scratch<true>));

    template <class Out>
    void run_backward(Out dx) {
        Layer::backward(frame(), read_if<Layer::reads_input>(Input<T>{blocked_x_.data()}),
                        read_if<Layer::reads_output>(Input<T>{blocked_y_.data()}), Gradient<T>{blocked_dy_.data()}, dx);
    }

    Frame<T> frame() {
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
    Buffer<T> moments_;
    Team team_;
};

}  // namespace residua::inline RESIDUA_ISA::testing
