// Pooling: maximum, average, global average.
#pragma once

#include <residua/core/frame.hpp>
#include <residua/core/names.hpp>

#include <string_view>

namespace residua::inline RESIDUA_ISA {

namespace detail {

enum class PoolKind { maximum, average };

constexpr Outcome pooled(Shape in, Window window) {
    const Shape given{window.size, window.stride, window.padding.before};
    // (Padding beyond half of the window would let windows see padding alone.)
    if (window.size < 1 || window.stride < 1 || window.padding.before < 0 || window.padding.after < 0 ||
        2 * window.padding.before > window.size || 2 * window.padding.after > window.size) {
        return {Fault::size, in, given};
    }
    const Shape out{in.channels, window.over(in.height), window.over(in.width)};
    if (out.pixels() == 0) return {Fault::kernel, in, {in.channels, window.size, window.size}};
    return out;
}

template <class Spec, PoolKind Kind, Signal In, class K>
struct Pool : Bound<Spec, In, K> {
    using T = typename K::Scalar;
    static constexpr Shape from = In;
    static constexpr Shape to = Pool::out;
    static constexpr Size from_size = stored(from, K::lanes);
    static constexpr Size to_size = stored(to, K::lanes);
    static constexpr Size wide = static_cast<Size>(padded(In.channels, K::lanes));
    static constexpr int blocks = blocks_of(In.channels, K::lanes);
    static constexpr bool reads_input = Kind == PoolKind::maximum;

    template <Mode, class Out>
    static void forward(const Frame<T>& f, Input<T> x, Out y) {
        f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) {
            const Size at = static_cast<Size>(i);
            const T* image = x.data + at * from_size;
            T* result = y.data + at * to_size;
            if constexpr (Kind == PoolKind::maximum) {
                K::template max_pool<Out::accumulates>(image, from, to, Spec::window, b, result);
            } else {
                K::template average_pool<Out::accumulates>(image, from, to, Spec::window, b, result);
            }
            if (y.moments) K::moments(result, to, b, y.moments + at * 2 * wide);
        });
    }
    template <class Out>
    static void backward(const Frame<T>& f, Input<T> x, Input<T>, Gradient<T> dy, Out dx) {
        f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) {
            const Size at = static_cast<Size>(i);
            const T* gradient = dy.data + at * to_size;
            T* result = dx.data + at * from_size;
            if constexpr (Kind == PoolKind::maximum) {
                K::template max_pool_gradient<Out::accumulates>(x.data + at * from_size, gradient, from, to, Spec::window, b,
                                                                result);
            } else {
                K::template average_pool_gradient<Out::accumulates>(gradient, from, to, Spec::window, b, result);
            }
        });
    }
    static constexpr void describe(Namer& namer) {
        constexpr Window window = Spec::window;
        namer.leaf(Spec::kind, from, to,
                   {{"kernel", window.size},
                    {"stride", window.stride},
                    {"padding before", window.padding.before},
                    {"padding after", window.padding.after}});
    }
};

}  // namespace detail

// The largest value of each window; NaN counts as larger than any. Out as of a convolution; padding is never the maximum.
template <int Size_, int Stride = Size_, Padding Pad = Padding(0)>
struct MaxPool {
    static constexpr std::string_view kind = "max_pool";
    static constexpr int stride = Stride;
    static constexpr Window window{Size_, Stride, Pad};
    static constexpr Outcome output(Shape in) { return detail::pooled(in, window); }

    template <Signal In, class K>
    struct At : detail::Pool<MaxPool, detail::PoolKind::maximum, In, K> {};
};

// The mean of each window; zeros of the padding count, as by default in PyTorch.
template <int Size_, int Stride = Size_, Padding Pad = Padding(0)>
struct AveragePool {
    static constexpr std::string_view kind = "average_pool";
    static constexpr int stride = Stride;
    static constexpr Window window{Size_, Stride, Pad};
    static constexpr Outcome output(Shape in) { return detail::pooled(in, window); }

    template <Signal In, class K>
    struct At : detail::Pool<AveragePool, detail::PoolKind::average, In, K> {};
};

// The mean of each channel: Out = {In.channels, 1, 1}.
struct GlobalAveragePool {
    static constexpr Outcome output(Shape in) { return Shape{in.channels}; }

    template <Signal In, class K>
    struct At : Bound<GlobalAveragePool, In, K> {
        using T = typename K::Scalar;
        static constexpr Shape from = In;
        static constexpr Shape to = At::out;
        static constexpr Size from_size = stored(from, K::lanes);
        static constexpr Size to_size = stored(to, K::lanes);
        static constexpr int blocks = blocks_of(In.channels, K::lanes);

        template <Mode, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) {
                const Size at = static_cast<Size>(i);
                K::template global_average<Out::accumulates>(x.data + at * from_size, from, b, y.data + at * to_size);
                if (y.moments) K::moments(y.data + at * to_size, to, b, y.moments + at * 2 * to_size);
            });
        }
        template <class Out>
        static void backward(const Frame<T>& f, Input<T>, Input<T>, Gradient<T> dy, Out dx) {
            f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) {
                const Size at = static_cast<Size>(i);
                K::template global_average_gradient<Out::accumulates>(dy.data + at * to_size, from, b, dx.data + at * from_size);
            });
        }
        static constexpr void describe(Namer& namer) { namer.leaf("global_average_pool", from, to); }
    };
};

}  // namespace residua::inline RESIDUA_ISA
