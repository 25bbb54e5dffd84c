// The products of a Winograd convolution, where its multiply-adds are: of a group's transformed inputs, however many tiles they
// are.
#pragma once

#include <residua/kernels/conv/ahead.hpp>
#include <residua/kernels/conv/winograd_plan.hpp>
#include <residua/simd/line.hpp>

#include <algorithm>

namespace residua::inline RESIDUA_ISA::kernels {

// Blocks of results: how many, and how far from the one's weights and products the next one's are.
struct WinogradBlocks {
    int count = 1;
    Offset weights = 0;
    Offset products = 0;
};

// products = transformed weights times transformed inputs, at some positions, for OB blocks of results; or, unless it begins with
// these in blocks, products += those.
//
//   transformed   [position][in block][tile][lanes]
//   weights       [block of results][position][in block][in lane][result lane]
//   products      [block of results][position][tile][lanes]
//
// TT tiles are summed at once. Tiles that do not fill that many are computed together with those before them, or, if there are
// fewer, with what stands behind them.
template <class T, int OB, int TT>
__attribute__((noinline)) void winograd_products(const WinogradPass& p, const T* transformed, const T* weights, Range positions,
                                                 Range tiles, T* products, const WinogradBlocks& apart, Ahead& ahead,
                                                 bool begins) {
    using V = simd::Line<T>;
    constexpr Offset lanes = simd::lanes<T>;
    const int blocks = p.in_blocks;
    const int last_channels = p.last_in;
    const Offset step = p.step;
    const Offset product_step = p.product_step;
    const Offset block_step = p.group_tiles * lanes;
    const Offset next_weights = apart.weights;
    const Offset next_products = apart.products;

    for (int position = positions.begin; position < positions.end; ++position) {
        for (int first = tiles.begin; first < tiles.end; first += TT) {
            const int begin = std::max(0, std::min(first, tiles.end - TT));
            const T* v = transformed + position * step + begin * lanes;
            const T* w = weights + position * p.weight_step;
            V sums[static_cast<Size>(OB * TT)];
            T* const to = products + position * product_step + begin * lanes;
            RESIDUA_UNROLL
            for (int s = 0; s < OB * TT; ++s) {
                sums[s] = begins ? V(T(0)) : simd::load(to + s / TT * next_products + s % TT * lanes);
            }

            for (int block = 0; block < blocks; ++block) {
                ahead.fetch();
                const int channels = block + 1 == blocks ? last_channels : static_cast<int>(lanes);
                for (int i = 0; i < channels; ++i) {
                    V weight[static_cast<Size>(OB)];
                    RESIDUA_UNROLL
                    for (int o = 0; o < OB; ++o) weight[o] = simd::load(w + o * next_weights + i * lanes);
                    RESIDUA_UNROLL
                    for (int t = 0; t < TT; ++t) {
                        RESIDUA_UNROLL
                        for (int o = 0; o < OB; ++o) {
                            sums[o * TT + t] = simd::fma(V(v[t * lanes + i]), weight[o], sums[o * TT + t]);
                        }
                    }
                }
                v += block_step;
                w += lanes * lanes;
            }

            const int known = first - begin;
            RESIDUA_UNROLL
            for (int s = 0; s < OB * TT; ++s) {
                if (s % TT >= known) simd::store(to + s / TT * next_products + s % TT * lanes, sums[s]);
            }
        }
    }
}

// Tiles that are summed at once: lines in half of the registers. Of what does not fill those, fewer: a group has room for
// winograd_tiles_at_once at least, or for winograd_few_tiles if it has no more. (A processor that does two multiply-adds a cycle
// loads no more than two values: each of them serves one sum of 16 tiles of a block, and four of 4 tiles of 4 blocks. Of its
// peak, on an Emerald Rapids Xeon: 8 tiles 70 to 82 %, 16 tiles 73 to 90; one image's 4 tiles 51 %, of 4 blocks 92.)
template <class T>
inline constexpr int winograd_most_tiles_at_once = std::min(16, simd::lines_in_registers() / 2);
template <class T>
inline constexpr int winograd_tiles_at_once = std::min(8, winograd_most_tiles_at_once<T>);
template <class T>
inline constexpr int winograd_few_tiles = std::min(winograd_few_tiles_of_group, winograd_tiles_at_once<T>);
// Whether registers hold few tiles of winograd_most_blocks blocks of results; else those are summed one by one.
template <class T>
inline constexpr bool winograd_joins_blocks = winograd_most_tiles_at_once<T> / winograd_most_blocks >= winograd_few_tiles<T>;
template <class T>
inline constexpr int winograd_inputs_at_once = std::min(simd::lanes<T>, simd::lines_in_registers() / 2);

// Of so many tiles those that are summed winograd_most_tiles_at_once at a time; the others are summed fewer at a time.
template <class T>
constexpr int winograd_whole_tiles(int tiles) {
    constexpr int most = winograd_most_tiles_at_once<T>;
    const int rest = tiles % most;
    return tiles > most && rest > winograd_tiles_at_once<T> ? tiles : tiles - rest;
}

// How often products of so many tiles and blocks of results fetch what comes next: at each position, of each block of inputs.
template <class T>
constexpr int winograd_fetches(int tiles, int blocks) {
    if (tiles <= winograd_few_tiles<T> && winograd_joins_blocks<T>) return blocks / 4 + blocks % 4 / 2 + blocks % 2;
    const int whole = winograd_whole_tiles<T>(tiles);
    const int least = tiles - whole <= winograd_few_tiles<T> ? winograd_few_tiles<T> : winograd_tiles_at_once<T>;
    constexpr int most = winograd_most_tiles_at_once<T>;
    return blocks * ((whole + most - 1) / most + (tiles - whole + least - 1) / least);
}

// The same, of however many tiles and blocks of results.
template <class T>
void winograd_products(const WinogradPass& p, const T* transformed, const T* weights, Range positions, int tiles, T* products,
                       const WinogradBlocks& blocks, Ahead& ahead, bool begins = true) {
    constexpr int most = winograd_most_tiles_at_once<T>;
    constexpr int some = winograd_tiles_at_once<T>;
    constexpr int few = winograd_few_tiles<T>;
    int block = 0;
    const auto run = [&](auto kernel, Range range) {
        kernel(p, transformed, weights + block * blocks.weights, positions, range, products + block * blocks.products, blocks,
               ahead, begins);
    };
    if constexpr (winograd_joins_blocks<T>) {
        if (tiles <= few) {
            for (; block + 4 <= blocks.count; block += 4) run(winograd_products<T, 4, few>, {0, tiles});
            for (; block + 2 <= blocks.count; block += 2) run(winograd_products<T, 2, few>, {0, tiles});
        }
    }
    const int whole = winograd_whole_tiles<T>(tiles);
    for (; block < blocks.count; ++block) {
        if (whole > 0) run(winograd_products<T, 1, most>, {0, whole});
        if (whole == tiles) continue;
        run(tiles - whole <= few ? winograd_products<T, 1, few> : winograd_products<T, 1, some>, {whole, tiles});
    }
}

// The pass for n images, fewer than a group holds: what a worker touches lies closer together. (ResNet-20 and -110, one
// image: 1.5 to 2 % faster.) Of few tiles, products of so many blocks of results are summed at once.
template <class T>
constexpr WinogradPass winograd_fitted(WinogradPass p, int n, int blocks_of_few = winograd_most_blocks) {
    if (n >= p.group_images) return p;
    const int tiles = n * p.group_rows * p.tile_columns;
    if (!p.wide) p.padded = p.padded / static_cast<Size>(p.group_images) * static_cast<Size>(n);
    p.group_images = n;
    p.blocks_at_once = tiles <= winograd_few_tiles_of_group ? std::min(blocks_of_few, p.out_blocks) : 1;
    p.set_group_tiles(tiles <= winograd_few_tiles<T> ? winograd_few_tiles<T> : std::max(tiles, winograd_tiles_at_once<T>));
    return p;
}

}  // namespace residua::inline RESIDUA_ISA::kernels
