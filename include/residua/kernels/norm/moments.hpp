// Mean and spread of one image's channels: what batch normalisation needs of whoever wrote the image.
#pragma once

#include <residua/core/parallel.hpp>
#include <residua/simd/line.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

namespace detail {

// The sum over a block's pixels of f(pixel), in double a lane: runs of 16 pixels in T, the runs in double. (Measured: 1.9 % of a
// training step; all in double 4 %; all in float loses digits.)
template <class T, class F>
RESIDUA_INLINE void sum_in_runs(const T* block, Size pixels, double* sums, F f) {
    using V = simd::Line<T>;
    constexpr Size lanes = simd::lanes<T>;
    constexpr Size run = 16;
    for (Size l = 0; l < lanes; ++l) sums[l] = 0;

    alignas(64) T partial[lanes];
    for (Size begin = 0; begin < pixels; begin += run) {
        const Size end = begin + run < pixels ? begin + run : pixels;
        V even(T(0));
        V odd(T(0));
        Size p = begin;
        for (; p + 2 <= end; p += 2) {
            even = f(simd::load(block + p * lanes), even);
            odd = f(simd::load(block + (p + 1) * lanes), odd);
        }
        if (p < end) even = f(simd::load(block + p * lanes), even);
        simd::store(partial, even + odd);
        for (Size l = 0; l < lanes; ++l) sums[l] += static_cast<double>(partial[l]);
    }
}

}  // namespace detail

template <class T>
struct MomentKernels {
    // A function of this image's values alone, in a fixed order, so that writer, reader and recomputation have the same bits.
    //
    //   x         [blocks][height][width][lanes], one image
    //   to        [2][padded channels], written for `blocks`: mean, and sum of squared deviations from it
    static __attribute__((noinline)) void moments(const T* x, Shape s, Range blocks, T* to) {
        using V = simd::Line<T>;
        constexpr Size lanes = simd::lanes<T>;
        const Size pixels = s.pixels();
        const Size wide = static_cast<Size>(padded(s.channels, simd::lanes<T>));
        for (int b = blocks.begin; b < blocks.end; ++b) {
            const T* block = x + static_cast<Size>(b) * pixels * lanes;
            T* mean = to + static_cast<Size>(b) * lanes;
            T* squares = mean + wide;
            double sums[lanes];

            detail::sum_in_runs(block, pixels, sums, [](V v, V sum) RESIDUA_INLINE_LAMBDA { return sum + v; });
            for (Size l = 0; l < lanes; ++l) mean[l] = static_cast<T>(sums[l] / static_cast<double>(pixels));

            // Deviations from the rounded mean, which is the one that is stored: Chan's combination is then exact to second
            // order.
            const V middle = simd::load_unaligned(mean);
            detail::sum_in_runs(block, pixels, sums, [=](V v, V sum) RESIDUA_INLINE_LAMBDA {
                const V deviation = v - middle;
                return simd::fma(deviation, deviation, sum);
            });
            for (Size l = 0; l < lanes; ++l) squares[l] = static_cast<T>(sums[l]);
        }
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
