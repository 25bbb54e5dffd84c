// The matrices of Winograd's transforms (winograd_transforms.hpp), each as what it makes of a row or a column of lines.
#pragma once

#include <residua/simd/scalar.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

// The one-dimensional transforms, from so many lines to so many. Every product that meets a sum is an fma, so that bits are
// nobody's choice.
//
//   input<Part>     B^T: Out + 2 to Out + 2, of which a part gives rows_of_part
//   output          A^T: Out + 2 to Out
//   spread          A:   Out to Out + 2
//   weights         G:   3 to Out + 2
//   weights_back    G^T: Out + 2 to 3
template <int Out>
struct WinogradLines;

// Points 0, 1, -1 and infinity.
template <>
struct WinogradLines<2> {
    static constexpr int parts = 1;
    static constexpr int rows_of_part = 4;

    template <int, class V>
    RESIDUA_INLINE static void input(const V* x, V* y) {
        y[0] = x[0] - x[2];
        y[1] = x[1] + x[2];
        y[2] = x[2] - x[1];
        y[3] = x[1] - x[3];
    }
    template <class V>
    RESIDUA_INLINE static void output(const V* x, V* y) {
        y[0] = (x[0] + x[1]) + x[2];
        y[1] = (x[1] - x[2]) - x[3];
    }
    template <class V>
    RESIDUA_INLINE static void spread(const V* x, V* y) {
        y[0] = x[0];
        y[1] = x[0] + x[1];
        y[2] = x[0] - x[1];
        y[3] = -x[1];
    }
    template <class V>
    RESIDUA_INLINE static void weights(const V* x, V* y) {
        using T = typename V::value_type;
        const V half(T(0.5));
        const V ends = x[0] + x[2];
        y[0] = x[0];
        y[1] = (ends + x[1]) * half;
        y[2] = (ends - x[1]) * half;
        y[3] = x[2];
    }
    template <class V>
    RESIDUA_INLINE static void weights_back(const V* x, V* y) {
        using T = typename V::value_type;
        const V half(T(0.5));
        const V sum = x[1] + x[2];
        y[0] = simd::fma(sum, half, x[0]);
        y[1] = (x[1] - x[2]) * half;
        y[2] = simd::fma(sum, half, x[3]);
    }
};

// Points 0, 1, -1, 2, -2 and infinity.
template <>
struct WinogradLines<4> {
    // (In halves: the 18 lines of one and what they are made of fit 32 registers.)
    static constexpr int parts = 2;
    static constexpr int rows_of_part = 3;

    template <int Part, class V>
    RESIDUA_INLINE static void input(const V* x, V* y) {
        using T = typename V::value_type;
        const V four(T(4));
        const V minus_five(T(-5));
        if constexpr (Part == 0) {
            const V minus_four(T(-4));
            const V even = simd::fma(minus_four, x[2], x[4]);
            const V odd = simd::fma(minus_four, x[1], x[3]);
            y[0] = simd::fma(four, x[0], simd::fma(minus_five, x[2], x[4]));
            y[1] = even + odd;
            y[2] = even - odd;
        } else {
            const V even = x[4] - x[2];
            const V odd = x[3] - x[1];
            y[0] = simd::fma(V(T(2)), odd, even);
            y[1] = simd::fma(V(T(-2)), odd, even);
            y[2] = simd::fma(four, x[1], simd::fma(minus_five, x[3], x[5]));
        }
    }
    template <class V>
    RESIDUA_INLINE static void output(const V* x, V* y) {
        using T = typename V::value_type;
        const V sum1 = x[1] + x[2];
        const V sum2 = x[3] + x[4];
        const V difference1 = x[1] - x[2];
        const V difference2 = x[3] - x[4];
        y[0] = (x[0] + sum1) + sum2;
        y[1] = simd::fma(V(T(2)), difference2, difference1);
        y[2] = simd::fma(V(T(4)), sum2, sum1);
        y[3] = simd::fma(V(T(8)), difference2, difference1 + x[5]);
    }
    template <class V>
    RESIDUA_INLINE static void spread(const V* x, V* y) {
        using T = typename V::value_type;
        const V four(T(4));
        const V even1 = x[0] + x[2];
        const V odd1 = x[1] + x[3];
        const V even2 = simd::fma(four, x[2], x[0]);
        const V odd2 = simd::fma(four, x[3], x[1]);
        y[0] = x[0];
        y[1] = even1 + odd1;
        y[2] = even1 - odd1;
        y[3] = simd::fma(V(T(2)), odd2, even2);
        y[4] = simd::fma(V(T(-2)), odd2, even2);
        y[5] = x[3];
    }
    template <class V>
    RESIDUA_INLINE static void weights(const V* x, V* y) {
        using T = typename V::value_type;
        const V sixth(T(1) / T(6));
        const V ends = (x[0] + x[2]) * sixth;
        const V middle = x[1] * sixth;
        const V far_ends = simd::fma(x[2], sixth, x[0] * V(T(1) / T(24)));
        const V far_middle = x[1] * V(T(1) / T(12));
        y[0] = x[0] * V(T(0.25));
        y[1] = -(ends + middle);
        y[2] = middle - ends;
        y[3] = far_ends + far_middle;
        y[4] = far_ends - far_middle;
        y[5] = x[2];
    }
    template <class V>
    RESIDUA_INLINE static void weights_back(const V* x, V* y) {
        using T = typename V::value_type;
        const V sixth(T(1) / T(6));
        const V near = x[1] + x[2];
        const V near_difference = x[2] - x[1];
        const V far = x[3] + x[4];
        const V far_difference = x[3] - x[4];
        y[0] = simd::fma(far, V(T(1) / T(24)), simd::fma(-near, sixth, x[0] * V(T(0.25))));
        y[1] = simd::fma(far_difference, V(T(1) / T(12)), near_difference * sixth);
        y[2] = simd::fma(far - near, sixth, x[5]);
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
