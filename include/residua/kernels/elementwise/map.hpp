// Element-wise maps and their gradients, for any function of elementwise/functions.hpp.
#pragma once

#include <residua/kernels/elementwise/blocks.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

template <class T>
struct MapKernels {
    // y (+)= f(x). y may be x.
    template <bool Accumulates, class F>
    static void map(const T* x, Shape s, Range blocks, T* y, F f) {
        constexpr Size lanes = simd::lanes<T>;
        for (int b = blocks.begin; b < blocks.end; ++b) {
            const Block block = block_of<T>(s, b);
            const bool masks = !F::keeps_zero && block.real < simd::lanes<T>;
            for (Size i = block.offset; i < block.offset + block.vectors * lanes; i += lanes) {
                auto value = f(simd::load(x + i));
                if (masks) value = simd::first_lanes(value, block.real);
                put<Accumulates>(y + i, value);
            }
        }
    }

    // dx (+)= f(v, dy). dx may be dy.
    template <bool Accumulates, class F>
    static void map_gradient(const T* v, const T* dy, Shape s, Range blocks, T* dx, F f) {
        constexpr Size lanes = simd::lanes<T>;
        for (int b = blocks.begin; b < blocks.end; ++b) {
            const Block block = block_of<T>(s, b);
            for (Size i = block.offset; i < block.offset + block.vectors * lanes; i += lanes) {
                put<Accumulates>(dx + i, f(simd::load(v + i), simd::load(dy + i)));
            }
        }
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
