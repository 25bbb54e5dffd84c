// One bound layer with all the memory it needs: to run a layer, a unit or any part of a network without a network around it.
#pragma once

#include <residua/networks/network.hpp>
#include <residua/testing/guarded.hpp>
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
          parameters_(Layer::extent.parameters, Guarded<T>::nan, 1),
          gradients_(Layer::extent.parameters, T(-0.0), 1),
          statistics_(Layer::extent.statistics, T(-0.0), 1),
          prepared_(rounded(Layer::extent.prepared)),
          fixed_(rounded(Layer::extent.fixed)),
          saved_(all(rounded(Layer::extent.saved))),
          scratch_fixed_(rounded(scratch.fixed)),
          scratch_(all(rounded(scratch.image))),
          blocked_x_(all(wider)),
          blocked_y_(all(wider)),
          blocked_dx_(all(wider)),
          blocked_dy_(all(wider)),
          absent_(std::max(Layer::extent.parameters, Layer::extent.statistics)),
          moments_(Layer::counts_moments ? all(moments_of_an_image(output)) : 0),
          team_(threads, Layer::totals.training_worker_bytes()) {
        draws.seed = 7;
        blocked_dx_.lend(all(stored(input, K::lanes)), T(0));
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

    // Memory that a layer must not rely on is stale: scratch always, y and what is kept for backward when forward begins, dx when
    // backward does.
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
        moments_.lend(moments_.room(), Guarded<T>::nan);
        lend(Layer::template forward_scratch<Mode::training, true>, [&](const Frame<T>& f) {
            Layer::template forward<Mode::training>(f, Input<T>{blocked_x_.data()}, Sum<T>{blocked_y_.data(), wanted_moments()});
        });
        return from_blocked(blocked_y_, output);
    }

    // y in the place of x, for a layer that says in_place.
    std::vector<T> forward_in_place() {
        to_blocked(x, input, blocked_y_);
        lend(Layer::template forward_scratch<Mode::training, false>, [&](const Frame<T>& f) {
            Layer::template forward<Mode::training>(f, Input<T>{blocked_y_.data()}, Output<T>{blocked_y_.data()});
        });
        return from_blocked(blocked_y_, output);
    }

    // Has the last forward<Mode::inference>() written where, in a network, no memory is? (With `stale` as it is at first.)
    bool inference_wrote_elsewhere() const { return !absent_.untouched() || !fixed_.untouched() || !saved_.untouched(); }

    // Has any call written around the memory that the layer asked for, its tensors, y or dx?
    bool wrote_beyond() const {
        const auto any = [](const auto&... memory) { return (memory.wrote_beyond() || ...); };
        return any(parameters_, gradients_, statistics_, prepared_, fixed_, saved_, scratch_fixed_, scratch_, blocked_x_,
                   blocked_y_, blocked_dx_, blocked_dy_, moments_);
    }

    // After forward<Mode::training>(): gradients are added to, and the input's returned.
    std::vector<T> backward() {
        to_blocked(dy, output, blocked_dy_);
        blocked_dx_.lend(all(stored(input, K::lanes)), stale);
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

    // What a layer that counts moments gave in the last forward() or forward_onto(), and what K counts of the same images.
    std::vector<T> moments_counted() const { return {moments_.data(), moments_.data() + moments_.room()}; }
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

    // What lies in memory that nobody has written: NaN, or any number to find reads that NaN does not show (max(NaN, 0) is 0).
    T stale = Guarded<T>::nan;

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

    // (x for y, or the reverse, is a mistake easily made: it stays within the room of an image.)
    static constexpr Size wider = std::max(stored(input, K::lanes), stored(output, K::lanes));

    Size all(Size image) const { return image * static_cast<Size>(n); }
    T* wanted_moments() { return Layer::counts_moments ? moments_.data() : nullptr; }

    template <Mode M>
    void run_forward(Input<T> from) {
        fixed_.lend(rounded(Layer::extent.fixed), stale);
        saved_.lend(all(rounded(Layer::extent.saved)), stale);
        blocked_y_.lend(all(stored(output, K::lanes)), stale);
        moments_.lend(moments_.room(), Guarded<T>::nan);

        lend(Layer::template forward_scratch<M, false>, [&](Frame<T> f) {
            if constexpr (M == Mode::inference) {
                prepared_.lend(rounded(Layer::extent.prepared), stale);
                Layer::prepare(f);
                absent_.lend(absent_.room(), Guarded<T>::nan);
                f.gradients = absent_.data();
                f.statistics = absent_.data();
                Layer::template forward<M>(f, from, Output<T>{blocked_y_.data()});
            } else {
                Layer::template forward<M>(f, from, Output<T>{blocked_y_.data(), wanted_moments()});
            }
        });
    }
    template <class Out>
    void run_backward(Out dx) {
        lend(Layer::template backward_scratch<Out::accumulates>, [&](const Frame<T>& f) {
            Layer::backward(f, read_if<Layer::reads_input>(Input<T>{blocked_x_.data()}),
                            read_if<Layer::reads_output>(Input<T>{blocked_y_.data()}), Gradient<T>{blocked_dy_.data()}, dx);
        });
    }

    // Runs body(frame) with the tensors as they are now, and takes over what it makes of them.
    template <class Body>
    void lend(Need need, Body body) {
        parameters_.lend(parameters);
        gradients_.lend(gradients);
        statistics_.lend(statistics);
        scratch_fixed_.lend(rounded(need.fixed), stale);
        scratch_.lend(all(rounded(need.image)), stale);

        Frame<T> f;
        f.parameters = parameters_.data();
        f.gradients = gradients_.data();
        f.statistics = statistics_.data();
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
        body(f);

        std::copy_n(gradients_.data(), gradients.size(), gradients.data());
        std::copy_n(statistics_.data(), statistics.size(), statistics.data());
    }

    std::vector<T> moments_of(const Guarded<T>& images, Shape shape) const {
        std::vector<T> result(all(moments_of_an_image(shape)));
        for (Size i = 0; i < static_cast<Size>(n); ++i) {
            K::moments(images.data() + i * stored(shape, K::lanes), shape, Range{0, blocks_of(shape.channels, K::lanes)},
                       result.data() + i * moments_of_an_image(shape));
        }
        return result;
    }
    void to_blocked(const std::vector<T>& plain, Shape shape, Guarded<T>& blocked) {
        blocked.lend(all(stored(shape, K::lanes)), T(0));
        for (Size i = 0; i < static_cast<Size>(n); ++i) {
            K::to_blocked(plain.data() + i * shape.size(), shape, blocked.data() + i * stored(shape, K::lanes));
        }
    }
    std::vector<T> from_blocked(const Guarded<T>& blocked, Shape shape) {
        std::vector<T> plain(all(shape.size()));
        for (Size i = 0; i < static_cast<Size>(n); ++i) {
            K::from_blocked(blocked.data() + i * stored(shape, K::lanes), shape, plain.data() + i * shape.size());
        }
        return plain;
    }
    bool zero_beyond(const Guarded<T>& blocked, Shape shape) const {
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

    Guarded<T> parameters_;
    Guarded<T> gradients_;
    Guarded<T> statistics_;
    Guarded<T> prepared_;
    Guarded<T> fixed_;
    Guarded<T> saved_;
    Guarded<T> scratch_fixed_;
    Guarded<T> scratch_;
    Guarded<T> blocked_x_;
    Guarded<T> blocked_y_;
    Guarded<T> blocked_dx_;
    Guarded<T> blocked_dy_;
    Guarded<T> absent_;  // in the place of gradients and statistics in inference
    Guarded<T> moments_;
    Team team_;
};

}  // namespace residua::inline RESIDUA_ISA::testing
