// Fully connected kernels: dot products over plain rows.
#pragma once

#include <residua/core/team.hpp>
#include <residua/kernels/blocked.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

template <class T>
RESIDUA_INLINE T dot(const T* a, const T* b, Size count) {
    using V = simd::Line<T>;
    constexpr Size lanes = simd::lanes<T>;
    V even(T(0));
    V odd(T(0));
    Size i = 0;
    for (; i + 2 * lanes <= count; i += 2 * lanes) {
        even = simd::fma(simd::load_unaligned(a + i), simd::load_unaligned(b + i), even);
        odd = simd::fma(simd::load_unaligned(a + i + lanes), simd::load_unaligned(b + i + lanes), odd);
    }
    T result = simd::sum(even + odd);
    for (; i < count; ++i) result = simd::fma(a[i], b[i], result);
    return result;
}

// y += factor x
template <class T>
RESIDUA_INLINE void add_scaled(const T* x, T factor, Size count, T* y) {
    using V = simd::Line<T>;
    constexpr Size lanes = simd::lanes<T>;
    Size i = 0;
    for (; i + lanes <= count; i += lanes) {
        simd::store_unaligned(y + i, simd::fma(V(factor), simd::load_unaligned(x + i), simd::load_unaligned(y + i)));
    }
    for (; i < count; ++i) y[i] = simd::fma(factor, x[i], y[i]);
}

template <class T>
struct LinearKernels {
    // Scalars of scratch an image: x in plain order, and its gradient. (Images of one pixel lie in plain order already.)
    static constexpr Size linear_scratch(Shape in) { return in.pixels() == 1 ? 0 : in.size(); }

    // y (+)= W x + b
    //   x [n] blocked images   w [outputs][in.size()]   bias [outputs]   y [n][padded outputs]   scratch [n][linear_scratch(in)]
    template <bool Accumulates>
    static __attribute__((noinline)) void linear(const Team& team, int n, const T* x, Shape in, int outputs, const T* w,
                                                 const T* bias, T* y, T* scratch) {
        const Size image = stored(in, simd::lanes<T>);
        const Size pitch = static_cast<Size>(padded(outputs, simd::lanes<T>));
        team.run(n, [&](int i, std::byte*) {
            const Size at = static_cast<Size>(i);
            const T* row = x + at * image;
            if (in.pixels() > 1) {
                T* plain = scratch + at * linear_scratch(in);
                BlockedImages<T>::from_blocked(row, in, plain);
                row = plain;
            }
            T* to = y + at * pitch;
            for (int o = 0; o < outputs; ++o) {
                const T value = bias[o] + dot(w + static_cast<Size>(o) * in.size(), row, in.size());
                to[o] = Accumulates ? to[o] + value : value;
            }
            if (Accumulates) return;
            for (Size o = static_cast<Size>(outputs); o < pitch; ++o) to[o] = T(0);
        });
    }

    // dw += dy x', dbias += dy: images in order, a task an output. dx (+)= W' dy, unless dx is null.
    template <bool Accumulates>
    static __attribute__((noinline)) void linear_gradient(const Team& team, int n, const T* x, const T* dy, Shape in, int outputs,
                                                          const T* w, T* dw, T* dbias, T* dx, T* scratch) {
        const Size image = stored(in, simd::lanes<T>);
        const Size pitch = static_cast<Size>(padded(outputs, simd::lanes<T>));
        const bool plain = in.pixels() == 1;
        const Size row_size = plain ? image : linear_scratch(in);
        if (!plain) {
            team.run(n, [&](int i, std::byte*) {
                BlockedImages<T>::from_blocked(x + static_cast<Size>(i) * image, in, scratch + static_cast<Size>(i) * row_size);
            });
        }
        const T* rows = plain ? x : scratch;
        team.run(outputs, [&](int o, std::byte*) {
            for (int i = 0; i < n; ++i) {
                const T gradient = dy[static_cast<Size>(i) * pitch + static_cast<Size>(o)];
                dbias[o] += gradient;
                add_scaled(rows + static_cast<Size>(i) * row_size, gradient, in.size(), dw + static_cast<Size>(o) * in.size());
            }
        });
        if (!dx) return;

        team.run(n, [&](int i, std::byte*) {
            const Size at = static_cast<Size>(i);
            T* to = dx + at * image;
            if (plain) {
                if (!Accumulates) clear_blocks(to, in, Range{0, blocks_of(in.channels, simd::lanes<T>)});
                for (int o = 0; o < outputs; ++o)
                    add_scaled(w + static_cast<Size>(o) * in.size(), dy[at * pitch + static_cast<Size>(o)], in.size(), to);
                return;
            }
            T* row = scratch + at * row_size;  // (x is no longer needed there)
            std::memset(row, 0, in.size() * sizeof(T));
            for (int o = 0; o < outputs; ++o)
                add_scaled(w + static_cast<Size>(o) * in.size(), dy[at * pitch + static_cast<Size>(o)], in.size(), row);
            if (!Accumulates) {
                BlockedImages<T>::to_blocked(row, in, to);
                return;
            }
            for (int c = 0; c < in.channels; ++c) {
                for (Size p = 0; p < in.pixels(); ++p)
                    to[blocked_index(in.pixels(), simd::lanes<T>, c, p)] += row[static_cast<Size>(c) * in.pixels() + p];
            }
        });
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
