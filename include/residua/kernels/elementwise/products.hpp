// Sums of products a channel: the gradient of what a channel, or a whole image, is multiplied by.
#pragma once

#include <residua/kernels/elementwise/blocks.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

template <class T>
struct ProductKernels {
    // Sums of x z over one image's pixels, in T over runs of 16 pixels, in double over the runs.
    //   sums   [padded channels], written
    static __attribute__((noinline)) void channel_products(const T* x, const T* z, Shape s, Range blocks, double* sums) {
        using V = simd::Line<T>;
        constexpr Size lanes = simd::lanes<T>;
        constexpr Size run = 16;
        alignas(64) T partial[lanes];

        for (int b = blocks.begin; b < blocks.end; ++b) {
            const Block block = block_of<T>(s, b);
            double* sum = sums + static_cast<Size>(b) * lanes;
            for (Size l = 0; l < lanes; ++l) sum[l] = 0;

            for (Size begin = 0; begin < block.vectors; begin += run) {
                const Size end = begin + run < block.vectors ? begin + run : block.vectors;
                V of_run(T(0));
                for (Size p = begin; p < end; ++p) {
                    const Size at = block.offset + p * lanes;
                    of_run = simd::fma(simd::load(x + at), simd::load(z + at), of_run);
                }
                simd::store(partial, of_run);
                for (Size l = 0; l < lanes; ++l) sum[l] += static_cast<double>(partial[l]);
            }
        }
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
