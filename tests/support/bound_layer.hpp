// One bound layer with all the memory it needs, for tests of layers and units without a network around them.
#pragma once

#include <residua/core/buffer.hpp>
#include <residua/core/frame.hpp>
#include <residua/kernels/vectorised.hpp>
#include <residua/networks/network.hpp>

#include "numbers.hpp"

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace residua::testing {

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
          team_(threads, Layer::worker_bytes) {
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
        pack(x, input, blocked_x_);
        if constexpr (M == Mode::inference) Layer::prepare(f);
        Layer::template forward<M>(f, Input<T>{blocked_x_.data()}, Output<T>{blocked_y_.data()});
        return unpacked(blocked_y_, output);
    }

    // After forward<Mode::training>(): gradients are added to, and the input's returned.
    std::vector<T> backward() {
        pack(dy, output, blocked_dy_);
        Layer::backward(frame(), read_if<Layer::reads_input>(Input<T>{blocked_x_.data()}),
                        read_if<Layer::reads_output>(Input<T>{blocked_y_.data()}), Gradient<T>{blocked_dy_.data()},
                        Output<T>{blocked_dx_.data()});
        return unpacked(blocked_dx_, input);
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

private:
    static constexpr Need scratch =
        max(max(Layer::template forward_scratch<Mode::training, false>, Layer::template forward_scratch<Mode::inference, false>),
            Layer::template backward_scratch<false>);

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
        return f;
    }
    void pack(const std::vector<T>& plain, Shape shape, Buffer<T>& blocked) {
        for (Size i = 0; i < static_cast<Size>(n); ++i) {
            K::to_blocked(plain.data() + i * shape.size(), shape, blocked.data() + i * stored(shape, K::lanes));
        }
    }
    std::vector<T> unpacked(const Buffer<T>& blocked, Shape shape) {
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
    Team team_;
};

}  // namespace residua::testing
