// The products of a Winograd convolution, where its multiply-adds are: of a group's transformed inputs, however many tiles they
// are.
#pragma once

#include <residua/kernels/conv/winograd_ahead.hpp>
#include <residua/simd/line.hpp>

#include <algorithm>

namespace residua::inline RESIDUA_ISA::kernels {

// products = transformed weights times transformed inputs, at some positions, for one block of results; or, unless it begins with
// these in blocks, products += those.
//
//   transformed   [position][in block][tile][lanes]
//   weights       [position][in block][in lane][result lane], of the block of results
//   products      [position][tile][lanes]
//
// TT tiles are summed at once. Tiles that do not fill that many are computed together with those before them, or, if a group has
// fewer, with what stands behind them.
template <class T, int TT>
__attribute__((noinline)) void winograd_products(const WinogradPass& p, const T* transformed, const T* weights, Range positions,
                                                 int tiles, T* products, Ahead& ahead, bool begins) {
    using V = simd::Line<T>;
    constexpr Offset lanes = simd::lanes<T>;
    const int blocks = p.in_blocks;
    const int last_channels = p.last_in;
    const Offset step = p.step;
    const Offset product_step = p.product_step;
    const Offset block_step = p.group_tiles * lanes;

    for (int position = positions.begin; position < positions.end; ++position) {
        for (int first = 0; first < tiles; first += TT) {
            const int begin = std::max(0, std::min(first, tiles - TT));
            const T* v = transformed + position * step + begin * lanes;
            const T* w = weights + position * p.weight_step;
            V sums[static_cast<Size>(TT)];
            T* to = products + position * product_step + begin * lanes;
            if (begins) {
                simd::unroll<TT>([&](auto t) RESIDUA_INLINE_LAMBDA { sums[t] = V(T(0)); });
            } else {
                simd::unroll<TT>([&](auto t) RESIDUA_INLINE_LAMBDA { sums[t] = simd::load(to + t * lanes); });
            }

            for (int block = 0; block < blocks; ++block) {
                if (begin % winograd_tiles_a_fetch == 0) ahead.fetch();
                const int channels = block + 1 == blocks ? last_channels : static_cast<int>(lanes);
                for (int i = 0; i < channels; ++i) {
                    const V weight = simd::load(w + i * lanes);
                    RESIDUA_UNROLL
                    for (int t = 0; t < TT; ++t) sums[t] = simd::fma(V(v[t * lanes + i]), weight, sums[t]);
                }
                v += block_step;
                w += lanes * lanes;
            }
            const int known = first - begin;
            if (known == 0) {
                simd::unroll<TT>([&](auto t) RESIDUA_INLINE_LAMBDA { simd::store(to + t * lanes, sums[t]); });
            } else {
                simd::unroll<TT>([&](auto t) RESIDUA_INLINE_LAMBDA {
                    if (t >= known) simd::store(to + t * lanes, sums[t]);
                });
            }
        }
    }
}

// Tiles, or input channels of a weight gradient, that are summed at once: lines in half of the registers.
template <class T>
inline constexpr int winograd_tiles_at_once = std::min(winograd_tiles_a_fetch, simd::lines_in_registers() / 2);
template <class T>
inline constexpr int winograd_few_tiles = std::min(4, winograd_tiles_at_once<T>);
template <class T>
inline constexpr int winograd_inputs_at_once = std::min(simd::lanes<T>, simd::lines_in_registers() / 2);

// The same, of however many tiles. (One small image has 4 or fewer: half of what is computed would be thrown away.)
template <class T>
void winograd_products(const WinogradPass& p, const T* transformed, const T* weights, Range positions, int tiles, T* products,
                       Ahead& ahead, bool begins = true) {
    constexpr int most = winograd_tiles_at_once<T>;
    constexpr int few = winograd_few_tiles<T>;
    const auto products_of = tiles <= few ? winograd_products<T, few> : winograd_products<T, most>;
    products_of(p, transformed, weights, positions, tiles, products, ahead, begins);
}

// The pass for n images, fewer than a group holds: what a worker touches lies closer together. (ResNet-20 and -110, one
// image: 1.5 to 2 % faster.)
template <class T>
constexpr WinogradPass winograd_fitted(WinogradPass p, int n) {
    if (n >= p.group_images) return p;
    const int tiles = n * p.group_rows * p.tile_columns;
    p.padded = p.padded / static_cast<Size>(p.group_images) * static_cast<Size>(n);
    p.set_group_tiles(tiles <= winograd_few_tiles<T> ? winograd_few_tiles<T> : std::max(tiles, winograd_tiles_at_once<T>), false);
    p.group_images = n;
    return p;
}

}  // namespace residua::inline RESIDUA_ISA::kernels
