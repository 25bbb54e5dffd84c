// Subsampling with zero channels.
#pragma once

#include <residua/kernels/elementwise/blocks.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

// visit(offset in x, offset in y, scalars) for every run of channels that subsampling moves together: whole blocks where they
// stay in their lanes (option A), else channel by channel (A2: two units a network).
template <class T, class Visit>
void each_sample(Shape in, Shape out, int stride, int front, Visit visit) {
    constexpr int lanes = simd::lanes<T>;
    const int run = front % lanes == 0 ? lanes : 1;
    for (int c = 0; c < in.channels; c += run) {
        const Size from = blocked_index(in.pixels(), lanes, c, 0);
        const Size to = blocked_index(out.pixels(), lanes, c + front, 0);
        for (int r = 0; r < out.height; ++r) {
            for (int k = 0; k < out.width; ++k) {
                const Size source = static_cast<Size>(r * stride) * static_cast<Size>(in.width) + static_cast<Size>(k * stride);
                const Size place = static_cast<Size>(r) * static_cast<Size>(out.width) + static_cast<Size>(k);
                visit(from + source * static_cast<Size>(lanes), to + place * static_cast<Size>(lanes), run);
            }
        }
    }
}

template <class T>
struct SubsampleKernels {
    // y (+)= rows and columns 0, stride, ... of x, channel c at c + front, zeros elsewhere.
    template <bool Accumulates>
    static __attribute__((noinline)) void subsample(const T* x, Shape in, Shape out, int stride, int front, T* y) {
        if constexpr (!Accumulates) clear_blocks(y, out, Range{0, blocks_of(out.channels, simd::lanes<T>)});
        each_sample<T>(in, out, stride, front, [&](Size from, Size to, int run) {
            for (int l = 0; l < run; ++l) y[to + static_cast<Size>(l)] += x[from + static_cast<Size>(l)];
        });
    }

    template <bool Accumulates>
    static __attribute__((noinline)) void subsample_gradient(const T* dy, Shape in, Shape out, int stride, int front, T* dx) {
        constexpr int lanes = simd::lanes<T>;
        if constexpr (!Accumulates) clear_blocks(dx, in, Range{0, blocks_of(in.channels, lanes)});
        each_sample<T>(in, out, stride, front, [&](Size from, Size to, int run) {
            // (A block of dy may go on with channels that x does not have.)
            const int channel = static_cast<int>(from / (in.pixels() * static_cast<Size>(lanes))) * lanes;
            const int real = run == 1 ? 1 : std::min(run, in.channels - channel);
            for (int l = 0; l < real; ++l) dx[from + static_cast<Size>(l)] += dy[to + static_cast<Size>(l)];
        });
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
