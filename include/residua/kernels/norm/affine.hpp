// Channel-wise affine functions, with the ReLU that follows: batch normalisation once its moments are known, and its gradient.
#pragma once

#include <residua/kernels/elementwise/blocks.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

template <class T>
struct AffineKernels {
    // y (+)= scale x + shift, then ReLU if asked.
    //   scale, shift   [padded channels]
    template <bool Relu, bool Accumulates>
    static __attribute__((noinline)) void affine(const T* x, Shape s, Range blocks, const T* scale, const T* shift, T* y) {
        using V = simd::Line<T>;
        constexpr Size lanes = simd::lanes<T>;
        for (int b = blocks.begin; b < blocks.end; ++b) {
            const Block block = block_of<T>(s, b);
            const V factor = simd::load(scale + static_cast<Size>(b) * lanes);
            const V offset = simd::load(shift + static_cast<Size>(b) * lanes);
            for (Size i = block.offset; i < block.offset + block.vectors * lanes; i += lanes) {
                V value = simd::fma(factor, simd::load(x + i), offset);
                if constexpr (Relu) value = simd::select(value < V(T(0)), V(T(0)), value);
                put<Accumulates>(y + i, value);
            }
        }
    }

    // With g = dy where the ReLU let pass (all of dy without one): sums of g and of g (x - mean) inverse over one image's pixels,
    // in T over runs of 16 pixels, in double over the runs.
    //   mean, inverse, scale, shift   [padded channels]
    //   sums                          [2][padded channels], written
    template <bool Relu>
    static __attribute__((noinline)) void affine_gradient_sums(const T* x, const T* dy, Shape s, Range blocks, const T* mean,
                                                               const T* inverse, const T* scale, const T* shift, double* sums) {
        using V = simd::Line<T>;
        constexpr Size lanes = simd::lanes<T>;
        constexpr Size run = 16;
        const Size wide = static_cast<Size>(padded(s.channels, simd::lanes<T>));
        alignas(64) T partial[2 * lanes];

        for (int b = blocks.begin; b < blocks.end; ++b) {
            const Block block = block_of<T>(s, b);
            const Size channel = static_cast<Size>(b) * lanes;
            const V middle = simd::load(mean + channel);
            const V factor = simd::load(scale + channel);
            const V offset = simd::load(shift + channel);
            double* sum = sums + channel;
            double* dot = sums + wide + channel;
            for (Size l = 0; l < lanes; ++l) sum[l] = dot[l] = 0;

            for (Size begin = 0; begin < block.vectors; begin += run) {
                const Size end = begin + run < block.vectors ? begin + run : block.vectors;
                V of_g(T(0));
                V of_product(T(0));
                for (Size p = begin; p < end; ++p) {
                    const V value = simd::load(x + block.offset + p * lanes);
                    V g = simd::load(dy + block.offset + p * lanes);
                    if constexpr (Relu) g = simd::select(simd::fma(factor, value, offset) <= V(T(0)), V(T(0)), g);
                    of_g = of_g + g;
                    of_product = simd::fma(g, value - middle, of_product);
                }
                simd::store(partial, of_g);
                simd::store(partial + lanes, of_product);
                for (Size l = 0; l < lanes; ++l) {
                    sum[l] += static_cast<double>(partial[l]);
                    dot[l] += static_cast<double>(partial[lanes + l]);
                }
            }
            for (Size l = 0; l < lanes; ++l) dot[l] *= static_cast<double>(inverse[channel + l]);
        }
    }

    // dx (+)= c1 g + c2 x + c3. dx may be dy.
    //   scale, shift, c1, c2, c3   [padded channels], zero beyond the last channel
    template <bool Relu, bool Accumulates>
    static __attribute__((noinline)) void affine_gradient(const T* x, const T* dy, Shape s, Range blocks, const T* scale,
                                                          const T* shift, const T* c1, const T* c2, const T* c3, T* dx) {
        using V = simd::Line<T>;
        constexpr Size lanes = simd::lanes<T>;
        for (int b = blocks.begin; b < blocks.end; ++b) {
            const Block block = block_of<T>(s, b);
            const Size channel = static_cast<Size>(b) * lanes;
            const V factor = simd::load(scale + channel);
            const V offset = simd::load(shift + channel);
            const V of_g = simd::load(c1 + channel);
            const V of_x = simd::load(c2 + channel);
            const V constant = simd::load(c3 + channel);
            for (Size i = block.offset; i < block.offset + block.vectors * lanes; i += lanes) {
                const V value = simd::load(x + i);
                V g = simd::load(dy + i);
                if constexpr (Relu) g = simd::select(simd::fma(factor, value, offset) <= V(T(0)), V(T(0)), g);
                put<Accumulates>(dx + i, simd::fma(of_g, g, simd::fma(of_x, value, constant)));
            }
        }
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
