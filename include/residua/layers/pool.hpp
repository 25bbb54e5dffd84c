// Pooling: maximum, average, global average.
#pragma once

#include <residua/layers/channelwise.hpp>
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
    struct At : Channelwise<At<In, K>, PoolOf, In, K> {
        using T = typename K::Scalar;
        static constexpr bool reads_input = S.kind == PoolKind::maximum;

        template <bool Accumulates>
        static void write(const T* x, Range b, T* y) {
            if constexpr (S.kind == PoolKind::maximum) {
                K::template max_pool<Accumulates>(x, At::from, At::to, window, b, y);
            } else {
                K::template average_pool<Accumulates>(x, At::from, At::to, window, b, y);
            }
        }
        template <bool Accumulates>
        static void write_gradient(const T* x, const T* dy, Range b, T* dx) {
            if constexpr (S.kind == PoolKind::maximum) {
                K::template max_pool_gradient<Accumulates>(x, dy, At::from, At::to, window, b, dx);
            } else {
                K::template average_pool_gradient<Accumulates>(dy, At::from, At::to, window, b, dx);
            }
        }
        static constexpr void describe(Namer& namer) {
            namer.leaf(S.kind == PoolKind::maximum ? "max_pool" : "average_pool", At::from, At::to,
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
    struct At : Channelwise<At<In, K>, GlobalAveragePool, In, K> {
        using T = typename K::Scalar;

        template <bool Accumulates>
        static void write(const T* x, Range b, T* y) {
            K::template global_average<Accumulates>(x, At::from, b, y);
        }
        template <bool Accumulates>
        static void write_gradient(const T*, const T* dy, Range b, T* dx) {
            K::template global_average_gradient<Accumulates>(dy, At::from, b, dx);
        }
        static constexpr void describe(Namer& namer) { namer.leaf("global_average_pool", At::from, At::to); }
    };
};

}  // namespace residua::inline RESIDUA_ISA
