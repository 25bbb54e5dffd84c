// Pooling kernels on blocked images: one vector a pixel. Arguments as in elementwise/blocks.hpp.
#pragma once

#include <residua/kernels/elementwise/blocks.hpp>

#include <algorithm>
#include <limits>

namespace residua::inline RESIDUA_ISA::kernels {

// visit(output pixel, first and last row and column of its window that lie within the image)
template <class Visit>
RESIDUA_INLINE void each_window(Shape in, Shape out, Window w, Visit visit) {
    for (int r = 0; r < out.height; ++r) {
        const int top = r * w.stride - w.padding.before;
        const Range rows{std::max(0, top), std::min(in.height, top + w.size)};
        for (int c = 0; c < out.width; ++c) {
            const int left = c * w.stride - w.padding.before;
            const Range columns{std::max(0, left), std::min(in.width, left + w.size)};
            visit(static_cast<Size>(r) * static_cast<Size>(out.width) + static_cast<Size>(c), rows, columns);
        }
    }
}

template <class T>
struct PoolKernels {
    // y (+)= the largest value of each window; NaN counts as larger than any.
    template <bool Accumulates>
    static __attribute__((noinline)) void max_pool(const T* x, Shape in, Shape out, Window w, Range blocks, T* y) {
        using V = simd::Line<T>;
        constexpr Size lanes = simd::lanes<T>;
        const Size width = static_cast<Size>(in.width);
        for (int b = blocks.begin; b < blocks.end; ++b) {
            const T* from = x + block_of<T>(in, b).offset;
            T* to = y + block_of<T>(out, b).offset;
            each_window(in, out, w, [&](Size pixel, Range rows, Range columns) {
                V best(-std::numeric_limits<T>::infinity());
                for (int r = rows.begin; r < rows.end; ++r) {
                    for (int c = columns.begin; c < columns.end; ++c) {
                        const V value = simd::load(from + (static_cast<Size>(r) * width + static_cast<Size>(c)) * lanes);
                        // NaN wins and stays. (Written with comparisons that are false for NaN: xsimd 8.1's != is too, on
                        // AVX-512.)
                        const V larger = simd::select(value <= best, best, value);
                        best = simd::select(best == best, larger, best);
                    }
                }
                put<Accumulates>(to + pixel * lanes, best);
            });
        }
    }

    // dx (+)= dy at the first of each window's largest values, row by row.
    template <bool Accumulates>
    static __attribute__((noinline)) void max_pool_gradient(const T* x, const T* dy, Shape in, Shape out, Window w, Range blocks,
                                                            T* dx) {
        using V = simd::Line<T>;
        constexpr Size lanes = simd::lanes<T>;
        const Size width = static_cast<Size>(in.width);
        const V zero(T(0));
        const V one(T(1));
        if constexpr (!Accumulates) clear_blocks(dx, in, blocks);
        for (int b = blocks.begin; b < blocks.end; ++b) {
            const T* from = x + block_of<T>(in, b).offset;
            const T* gradient = dy + block_of<T>(out, b).offset;
            T* to = dx + block_of<T>(in, b).offset;
            each_window(in, out, w, [&](Size pixel, Range rows, Range columns) {
                // Each lane's maximum, and which of the window's values it is: counted in T, where a window has few enough.
                V best(-std::numeric_limits<T>::infinity());
                V at = zero;
                V number = zero;
                for (int r = rows.begin; r < rows.end; ++r) {
                    for (int c = columns.begin; c < columns.end; ++c) {
                        const V value = simd::load(from + (static_cast<Size>(r) * width + static_cast<Size>(c)) * lanes);
                        const auto stays =
                            value <= best;  // false for NaN on either side: a NaN takes over, and only a NaN from it
                        const V larger = simd::select(stays, best, value);
                        const V place = simd::select(stays, at, number);
                        const auto replaceable = (best == best) | !(value == value);
                        best = simd::select(replaceable, larger, best);
                        at = simd::select(replaceable, place, at);
                        number = number + one;
                    }
                }
                const V share = simd::load(gradient + pixel * lanes);
                number = zero;
                for (int r = rows.begin; r < rows.end; ++r) {
                    for (int c = columns.begin; c < columns.end; ++c) {
                        put<true>(to + (static_cast<Size>(r) * width + static_cast<Size>(c)) * lanes,
                                  simd::select(at == number, share, zero));
                        number = number + one;
                    }
                }
            });
        }
    }

    // y (+)= the sum of each window over its area, padding included.
    template <bool Accumulates>
    static __attribute__((noinline)) void average_pool(const T* x, Shape in, Shape out, Window w, Range blocks, T* y) {
        using V = simd::Line<T>;
        constexpr Size lanes = simd::lanes<T>;
        const Size width = static_cast<Size>(in.width);
        const V share(T(1) / static_cast<T>(w.size * w.size));
        for (int b = blocks.begin; b < blocks.end; ++b) {
            const T* from = x + block_of<T>(in, b).offset;
            T* to = y + block_of<T>(out, b).offset;
            each_window(in, out, w, [&](Size pixel, Range rows, Range columns) {
                V sum(T(0));
                for (int r = rows.begin; r < rows.end; ++r) {
                    for (int c = columns.begin; c < columns.end; ++c) {
                        sum = sum + simd::load(from + (static_cast<Size>(r) * width + static_cast<Size>(c)) * lanes);
                    }
                }
                put<Accumulates>(to + pixel * lanes, sum * share);
            });
        }
    }

    template <bool Accumulates>
    static __attribute__((noinline)) void average_pool_gradient(const T* dy, Shape in, Shape out, Window w, Range blocks, T* dx) {
        using V = simd::Line<T>;
        constexpr Size lanes = simd::lanes<T>;
        const Size width = static_cast<Size>(in.width);
        const V share(T(1) / static_cast<T>(w.size * w.size));
        if constexpr (!Accumulates) clear_blocks(dx, in, blocks);
        for (int b = blocks.begin; b < blocks.end; ++b) {
            const T* gradient = dy + block_of<T>(out, b).offset;
            T* to = dx + block_of<T>(in, b).offset;
            each_window(in, out, w, [&](Size pixel, Range rows, Range columns) {
                const V each = simd::load(gradient + pixel * lanes) * share;
                for (int r = rows.begin; r < rows.end; ++r) {
                    for (int c = columns.begin; c < columns.end; ++c) {
                        put<true>(to + (static_cast<Size>(r) * width + static_cast<Size>(c)) * lanes, each);
                    }
                }
            });
        }
    }

    // y (+)= the mean of each channel.   y: [padded channels]
    template <bool Accumulates>
    static void global_average(const T* x, Shape in, Range blocks, T* y) {
        using V = simd::Line<T>;
        constexpr Size lanes = simd::lanes<T>;
        const V share(T(1) / static_cast<T>(in.pixels()));
        for (int b = blocks.begin; b < blocks.end; ++b) {
            const T* from = x + block_of<T>(in, b).offset;
            V sum(T(0));
            for (Size p = 0; p < in.pixels(); ++p) sum = sum + simd::load(from + p * lanes);
            put<Accumulates>(y + static_cast<Size>(b) * lanes, sum * share);
        }
    }

    template <bool Accumulates>
    static void global_average_gradient(const T* dy, Shape in, Range blocks, T* dx) {
        using V = simd::Line<T>;
        constexpr Size lanes = simd::lanes<T>;
        const V share(T(1) / static_cast<T>(in.pixels()));
        for (int b = blocks.begin; b < blocks.end; ++b) {
            const V each = simd::load(dy + static_cast<Size>(b) * lanes) * share;
            T* to = dx + block_of<T>(in, b).offset;
            for (Size p = 0; p < in.pixels(); ++p) put<Accumulates>(to + p * lanes, each);
        }
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
