// Pooling: maximum, average, global average.
#pragma once

#include <residua/layers/layer.hpp>
#include <residua/layers/options.hpp>

#include <algorithm>

namespace residua::inline RESIDUA_ISA {

namespace detail {

enum class PoolKind { maximum, average };

struct PoolSettings {
    PoolKind kind = PoolKind::maximum;
    Window window{};
    int wrong_option = 0;  // see detail::wrong_option
};

constexpr PoolSettings pool_settings(PoolKind kind, int size, Options options) {
    const int stride = said(options, OptionKind::stride, {.number = size}).number;
    const Margins padding = said(options, OptionKind::padding, {}).margins;
    return {kind, {size, stride, padding}, wrong_option(options, {OptionKind::stride, OptionKind::padding})};
}

template <PoolSettings S>
struct PoolOf {
    static constexpr Window window = S.window;
    static constexpr int stride = window.stride;

    static constexpr Outcome output(Shape in) {
        if (S.wrong_option != 0) return {in, Quantity::option, static_cast<double>(S.wrong_option)};
        const SizeCheck sizes = SizeCheck{}.of(window);
        if (sizes.failed()) return {in, sizes.wrong};
        // (Padding beyond half of the window would let windows see padding alone.)
        const int padding = std::max(window.padding.before, window.padding.after);
        if (2 * padding > window.size) return {in, Quantity::padding, static_cast<double>(padding)};
        const Shape out{in.channels, window.over(in.height), window.over(in.width)};
        if (out.pixels() == 0) return {in, Fault::kernel, {Quantity::kernel, static_cast<double>(window.size)}};
        return out;
    }

    template <Signal In, class K>
    struct At : Bound<PoolOf, In, K> {
        using T = typename K::Scalar;
        static constexpr Shape from = In;
        static constexpr Shape to = At::out;
        static constexpr Size from_size = stored(from, K::lanes);
        static constexpr Size to_size = stored(to, K::lanes);
        static constexpr int blocks = blocks_of(In.channels, K::lanes);
        static constexpr bool reads_input = S.kind == PoolKind::maximum;
        static constexpr bool counts_moments = true;

        template <Mode, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            write_images<K>(f, y, to, [&](Size i, Range b, Size at) {
                const T* image = x.data + i * from_size;
                T* result = y.data + at;
                if constexpr (S.kind == PoolKind::maximum) {
                    K::template max_pool<Out::accumulates>(image, from, to, window, b, result);
                } else {
                    K::template average_pool<Out::accumulates>(image, from, to, window, b, result);
                }
            });
        }
        template <class X, class Out>
        static void backward(const Frame<T>& f, [[maybe_unused]] X x, Unread, Gradient<T> dy, Out dx) {
            f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) {
                const Size at = static_cast<Size>(i);
                const T* gradient = dy.data + at * to_size;
                T* result = dx.data + at * from_size;
                if constexpr (S.kind == PoolKind::maximum) {
                    K::template max_pool_gradient<Out::accumulates>(x.data + at * from_size, gradient, from, to, window, b,
                                                                    result);
                } else {
                    K::template average_pool_gradient<Out::accumulates>(gradient, from, to, window, b, result);
                }
            });
        }
        static constexpr void describe(Namer& namer) {
            namer.leaf(S.kind == PoolKind::maximum ? "max_pool" : "average_pool", from, to,
                       {{"kernel", static_cast<double>(window.size)},
                        {"stride", static_cast<double>(window.stride)},
                        {"padding before", static_cast<double>(window.padding.before)},
                        {"padding after", static_cast<double>(window.padding.after)}});
        }
    };
};

}  // namespace detail

// The largest value of each window; NaN counts as larger than any. Options: Stride<Size_>, Padding<0>, of which none may be more
// than half of the window. Out as of a convolution; padding is never the maximum.
template <int Size_, class... Options>
struct MaxPool : detail::PoolOf<detail::pool_settings(detail::PoolKind::maximum, Size_, {detail::option<Options>...})> {};

// The mean of each window; zeros of the padding count, as by default in PyTorch. Options as those of MaxPool.
template <int Size_, class... Options>
struct AveragePool : detail::PoolOf<detail::pool_settings(detail::PoolKind::average, Size_, {detail::option<Options>...})> {};

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
        static constexpr bool counts_moments = true;

        template <Mode, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            write_images<K>(f, y, to, [&](Size i, Range b, Size at) {
                K::template global_average<Out::accumulates>(x.data + i * from_size, from, b, y.data + at);
            });
        }
        template <class Out>
        static void backward(const Frame<T>& f, Unread, Unread, Gradient<T> dy, Out dx) {
            f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) {
                const Size at = static_cast<Size>(i);
                K::template global_average_gradient<Out::accumulates>(dy.data + at * to_size, from, b, dx.data + at * from_size);
            });
        }
        static constexpr void describe(Namer& namer) { namer.leaf("global_average_pool", from, to); }
    };
};

}  // namespace residua::inline RESIDUA_ISA
