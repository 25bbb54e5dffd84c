// The transforms of Winograd's convolutions F(2x2, 3x3) and F(4x4, 3x3) (Lavin and Gray 2016, "Fast Algorithms for Convolutional
// Neural Networks"): Y = A^T [(G g G^T) . (B^T d B)] A, where d is a tile of inputs, g the window and Y a tile of Out x Out
// results.
//
// The weight gradient is the same bilinear form, seen from g: G^T [(A y A^T) . (B^T d B)] G.
#pragma once

#include <residua/kernels/conv/winograd_lines.hpp>
#include <residua/simd/line.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

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

    // G g G^T of 3 x 3 lines, one behind the other: so many rows of its positions, from one on.
    template <int First = 0, int Rows = in>
    RESIDUA_INLINE static void weights(const T* g, T* to, Offset step) {
        each_register([&](Offset lane) RESIDUA_INLINE_LAMBDA {
            V columns[static_cast<std::size_t>(Rows * 3)];
            RESIDUA_UNROLL
            for (int k = 0; k < 3; ++k) {
                V x[3];
                V y[static_cast<std::size_t>(in)];
                RESIDUA_UNROLL
                for (int r = 0; r < 3; ++r) x[r] = load(g + (lane + (r * 3 + k) * lanes));
                Lines::weights(x, y);
                RESIDUA_UNROLL
                for (int r = 0; r < Rows; ++r) columns[r * 3 + k] = y[First + r];
            }
            RESIDUA_UNROLL
            for (int r = 0; r < Rows; ++r) {
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
