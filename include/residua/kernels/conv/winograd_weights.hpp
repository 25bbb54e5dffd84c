// The weights of a Winograd convolution: their windows transformed, and the sums of their gradient transformed back. Each
// function depends on the plan's values, and is compiled once for a scalar and a size of tiles.
#pragma once

#include <residua/core/team.hpp>
#include <residua/kernels/conv/packing.hpp>
#include <residua/kernels/conv/winograd_plan.hpp>
#include <residua/kernels/conv/winograd_transforms.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

// The transformed window G g G^T, of each pair of channels.
//
//   weights   [out][in][3][3]
//   to        as WinogradPass says: of the convolution, or (transposed) of its data gradient, where the window is flipped and
//             channels change sides
template <class T, int Out>
__attribute__((noinline)) void winograd_pack(const Team& team, const WinogradPass& p, const T* weights, bool transposed, T* to) {
    constexpr Offset lanes = simd::lanes<T>;
    const Offset step = p.weight_step;
    const int inputs = transposed ? p.to.channels : p.from.channels;  // of the convolution
    team.run(p.out_blocks * p.in_blocks, [&](int pair, std::byte*) {
        const int out = pair / p.in_blocks;
        const int in = pair % p.in_blocks;
        const int real = out + 1 == p.out_blocks ? p.last_out : p.lanes;
        const int channels = in + 1 == p.in_blocks ? p.last_in : p.lanes;
        alignas(simd::line_bytes) T cell[static_cast<Size>(9 * lanes * lanes)];
        if (real == lanes && channels == lanes) {
            const Offset of = transposed ? in * lanes * inputs + out * lanes : out * lanes * inputs + in * lanes;
            pack_full_cell(weights + of * 9, inputs * 9, 9, transposed, cell);
        } else {
            std::fill(cell, std::end(cell), T(0));
            for (int i = 0; i < channels; ++i) {
                const Offset of = in * lanes + i;
                for (int l = 0; l < real; ++l) {
                    const Offset result = out * lanes + l;
                    const T* from = weights + (transposed ? of * inputs + result : result * inputs + of) * 9;
                    for (int k = 0; k < 9; ++k) cell[(k * lanes + i) * lanes + l] = from[k];
                }
            }
        }
        for (int i = 0; i < channels; ++i) {
            alignas(simd::line_bytes) T window[static_cast<Size>(9 * lanes)];
            for (int k = 0; k < 9; ++k) {
                const T* from = cell + (k * lanes + i) * lanes;
                simd::store(window + (transposed ? 8 - k : k) * lanes, simd::flushed(simd::load(from)));
            }
            WinogradTransform<T, Out>::weights(window, to + out * p.positions * step + (in * lanes + i) * lanes, step);
        }
    });
}

// partial = G^T sums G: the weights of a chunk of images, as DirectPlan has them, of some pairs of blocks. (The sums are of the
// flipped window.)
//
//   sums      [position][out block][in block][in lane][out lane]
//   partial   [out block][in block][tap][in lane][out lane]
template <class T, int Out>
__attribute__((noinline)) void winograd_weights_back(const WinogradPass& p, const T* sums, Range pairs, T* partial) {
    using Transform = WinogradTransform<T, Out>;
    constexpr Offset lanes = simd::lanes<T>;
    for (int pair = pairs.begin; pair < pairs.end; ++pair) {
        for (Offset i = 0; i < lanes; ++i) {
            const T* from = sums + (pair * lanes + i) * lanes;
            T* to = partial + (static_cast<Offset>(pair) * 9 * lanes + i) * lanes;
            Transform::weights_back(from, p.sum_step, [&](auto r, auto k, Offset lane, auto value) RESIDUA_INLINE_LAMBDA {
                simd::store(to + (lane + (8 - (r * 3 + k)) * lanes * lanes), value);
            });
        }
    }
}

}  // namespace residua::inline RESIDUA_ISA::kernels
