// Gates: two paths mixed by a value in [0, 1].
#pragma once

#include <residua/kernels/elementwise/blocks.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

template <class T>
struct GateKernels {
    // y (+)= (1 - g) h + (Both ? g : 1) f
    template <bool Both, bool Accumulates>
    static void gate(const T* g, const T* h, const T* f, Shape s, Range blocks, T* y) {
        using V = simd::Line<T>;
        constexpr Size lanes = simd::lanes<T>;
        for (int b = blocks.begin; b < blocks.end; ++b) {
            const Block block = block_of<T>(s, b);
            for (Size i = block.offset; i < block.offset + block.vectors * lanes; i += lanes) {
                const V opening = simd::load(g + i);
                V branch = simd::load(f + i);
                if constexpr (Both) branch = opening * branch;
                put<Accumulates>(y + i, simd::fma(V(T(1)) - opening, simd::load(h + i), branch));
            }
        }
    }

    // dg = ((Both ? f : 0) - h) dy, dh = (1 - g) dy, df = (Both ? g : 1) dy
    template <bool Both>
    static void gate_gradient(const T* g, const T* h, const T* f, const T* dy, Shape s, Range blocks, T* dg, T* dh, T* df) {
        using V = simd::Line<T>;
        constexpr Size lanes = simd::lanes<T>;
        for (int b = blocks.begin; b < blocks.end; ++b) {
            const Block block = block_of<T>(s, b);
            for (Size i = block.offset; i < block.offset + block.vectors * lanes; i += lanes) {
                const V opening = simd::load(g + i);
                const V gradient = simd::load(dy + i);
                const V difference = (Both ? simd::load(f + i) : V(T(0))) - simd::load(h + i);
                simd::store(dg + i, difference * gradient);
                simd::store(dh + i, (V(T(1)) - opening) * gradient);
                simd::store(df + i, Both ? opening * gradient : gradient);
            }
        }
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
