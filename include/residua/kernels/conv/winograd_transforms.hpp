// The transforms of Winograd's convolutions F(2x2, 3x3) and F(4x4, 3x3) (Lavin and Gray 2016, "Fast Algorithms for Convolutional
// Neural Networks"): Y = A^T [(G g G^T) . (B^T d B)] A, where d is a tile of inputs, g the window and Y a tile of Out x Out
// results.
//
// The weight gradient is the same bilinear form, seen from g: G^T [(A y A^T) . (B^T d B)] G.
#pragma once

#include <residua/simd/line.hpp>

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

// The two-dimensional ones. What is of Size x Size lines lies with `row` scalars from row to row, a line from column to column;
// what is transformed, at the positions 0 to (Out + 2)^2 - 1, `step` scalars apart. Lines are taken a register at a time: more
// would not stay in registers.
template <class T, int Out>
struct WinogradTransform {
    static constexpr int in = Out + 2;
    static constexpr int positions = in * in;
    static constexpr int bytes = static_cast<int>(sizeof(simd::Register<T>));
    using Offset = std::ptrdiff_t;
    using Lines = WinogradLines<Out>;
    using V = simd::Line<T, bytes>;

    // B^T d B of a tile of in x in lines.
    RESIDUA_INLINE static void input(const T* d, Offset row, T* to, Offset step) {
        each_register([&](Offset lane) RESIDUA_INLINE_LAMBDA {
            simd::unroll<Lines::parts>([&](auto part) RESIDUA_INLINE_LAMBDA {
                constexpr int rows = Lines::rows_of_part;
                V columns[static_cast<std::size_t>(rows * in)];
                RESIDUA_UNROLL
                for (int k = 0; k < in; ++k) {
                    V x[static_cast<std::size_t>(in)];
                    V y[static_cast<std::size_t>(rows)];
                    RESIDUA_UNROLL
                    for (int r = 0; r < in; ++r) x[r] = load(d + (lane + r * row + k * lanes));
                    Lines::template input<decltype(part)::value>(x, y);
                    RESIDUA_UNROLL
                    for (int r = 0; r < rows; ++r) columns[r * in + k] = y[r];
                }
                RESIDUA_UNROLL
                for (int r = 0; r < rows; ++r) {
                    V y[static_cast<std::size_t>(in)];
                    all_parts(columns + r * in, y);
                    RESIDUA_UNROLL
                    for (int k = 0; k < in; ++k) simd::store(to + (lane + ((part * rows + r) * in + k) * step), y[k]);
                }
            });
        });
    }

    // A^T m A of transformed lines: take(row, column, lane, a register of the result) for each of the Out x Out.
    template <class Take>
    RESIDUA_INLINE static void output(const T* m, Offset step, Take take) {
        each_register([&](Offset lane) RESIDUA_INLINE_LAMBDA {
            V columns[static_cast<std::size_t>(Out * in)];
            RESIDUA_UNROLL
            for (int k = 0; k < in; ++k) {
                V x[static_cast<std::size_t>(in)];
                V y[static_cast<std::size_t>(Out)];
                RESIDUA_UNROLL
                for (int r = 0; r < in; ++r) x[r] = load(m + (lane + (r * in + k) * step));
                Lines::output(x, y);
                RESIDUA_UNROLL
                for (int r = 0; r < Out; ++r) columns[r * in + k] = y[r];
            }
            RESIDUA_UNROLL
            for (int r = 0; r < Out; ++r) {
                V y[static_cast<std::size_t>(Out)];
                Lines::output(columns + r * in, y);
                RESIDUA_UNROLL
                for (int k = 0; k < Out; ++k) take(r, k, lane, y[k]);
            }
        });
    }

    // A y A^T of Out x Out lines: give(row, column, lane) is a register of one.
    template <class Give>
    RESIDUA_INLINE static void spread(Give give, T* to, Offset step) {
        each_register([&](Offset lane) RESIDUA_INLINE_LAMBDA {
            V columns[static_cast<std::size_t>(in * Out)];
            RESIDUA_UNROLL
            for (int k = 0; k < Out; ++k) {
                V x[static_cast<std::size_t>(Out)];
                V y[static_cast<std::size_t>(in)];
                RESIDUA_UNROLL
                for (int r = 0; r < Out; ++r) x[r] = give(r, k, lane);
                Lines::spread(x, y);
                RESIDUA_UNROLL
                for (int r = 0; r < in; ++r) columns[r * Out + k] = y[r];
            }
            RESIDUA_UNROLL
            for (int r = 0; r < in; ++r) {
                V y[static_cast<std::size_t>(in)];
                Lines::spread(columns + r * Out, y);
                RESIDUA_UNROLL
                for (int k = 0; k < in; ++k) simd::store(to + (lane + (r * in + k) * step), y[k]);
            }
        });
    }

    // G g G^T of 3 x 3 lines, one behind the other.
    RESIDUA_INLINE static void weights(const T* g, T* to, Offset step) {
        each_register([&](Offset lane) RESIDUA_INLINE_LAMBDA {
            V columns[static_cast<std::size_t>(in * 3)];
            RESIDUA_UNROLL
            for (int k = 0; k < 3; ++k) {
                V x[3];
                V y[static_cast<std::size_t>(in)];
                RESIDUA_UNROLL
                for (int r = 0; r < 3; ++r) x[r] = load(g + (lane + (r * 3 + k) * lanes));
                Lines::weights(x, y);
                RESIDUA_UNROLL
                for (int r = 0; r < in; ++r) columns[r * 3 + k] = y[r];
            }
            RESIDUA_UNROLL
            for (int r = 0; r < in; ++r) {
                V y[static_cast<std::size_t>(in)];
                Lines::weights(columns + r * 3, y);
                RESIDUA_UNROLL
                for (int k = 0; k < in; ++k) simd::store(to + (lane + (r * in + k) * step), y[k]);
            }
        });
    }

    // G^T m G, back to 3 x 3: take(row, column, lane, a register of the result).
    template <class Take>
    RESIDUA_INLINE static void weights_back(const T* m, Offset step, Take take) {
        each_register([&](Offset lane) RESIDUA_INLINE_LAMBDA {
            V columns[static_cast<std::size_t>(3 * in)];
            RESIDUA_UNROLL
            for (int k = 0; k < in; ++k) {
                V x[static_cast<std::size_t>(in)];
                V y[3];
                RESIDUA_UNROLL
                for (int r = 0; r < in; ++r) x[r] = load(m + (lane + (r * in + k) * step));
                Lines::weights_back(x, y);
                RESIDUA_UNROLL
                for (int r = 0; r < 3; ++r) columns[r * in + k] = y[r];
            }
            RESIDUA_UNROLL
            for (int r = 0; r < 3; ++r) {
                V y[3];
                Lines::weights_back(columns + r * in, y);
                RESIDUA_UNROLL
                for (int k = 0; k < 3; ++k) take(r, k, lane, y[k]);
            }
        });
    }

private:
    static constexpr Offset lanes = simd::lanes<T>;

    RESIDUA_INLINE static V load(const T* from) { return simd::load<T, bytes>(from); }

    template <class F>
    RESIDUA_INLINE static void each_register(F f) {
        for (Offset lane = 0; lane < lanes; lane += V::width) f(lane);
    }

    RESIDUA_INLINE static void all_parts(const V* x, V* y) {
        simd::unroll<Lines::parts>([&](auto part) RESIDUA_INLINE_LAMBDA {
            Lines::template input<decltype(part)::value>(x, y + part * Lines::rows_of_part);
        });
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
