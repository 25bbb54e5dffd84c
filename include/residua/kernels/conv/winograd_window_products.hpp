// The products of a Winograd convolution whose weights are kept as windows: each is transformed where it is used.
//
// A window's 9 numbers become 16 (F(4x4): 36). They are made in a first-level cache and used from there: stores that miss it take
// four cycles each. (256 windows of F(4x4) on an Emerald Rapids Xeon: 5 us if 8 of them lie side by side, 7.5 if 16, 13 if 32.)
#pragma once

#include <residua/core/team.hpp>
#include <residua/kernels/conv/winograd_products.hpp>
#include <residua/kernels/conv/winograd_transforms.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

// Windows, [block of results][in channel][3][3][result lane], with zeros for channels that fill up a block.
constexpr Size winograd_windows(const WinogradPass& p) {
    return static_cast<Size>(p.out_blocks * p.in_blocks) * static_cast<Size>(p.lanes * p.lanes) * 9;
}

//   weights   [out][in][3][3]
//   to        windows
template <class T>
__attribute__((noinline)) void winograd_pack_windows(const Team& team, const WinogradPass& p, const T* weights, T* to) {
    constexpr Offset lanes = simd::lanes<T>;
    const Offset channels = static_cast<Offset>(p.in_blocks) * lanes;
    team.run(p.out_blocks, [&](int block, std::byte*) {
        T* windows = to + block * channels * 9 * lanes;
        std::memset(windows, 0, static_cast<Size>(channels * 9 * lanes) * sizeof(T));
        const int real = block + 1 == p.out_blocks ? p.last_out : p.lanes;
        for (int l = 0; l < real; ++l) {
            const T* from = weights + (static_cast<Offset>(block) * lanes + l) * p.from.channels * 9;
            for (Offset k = 0; k < static_cast<Offset>(p.from.channels) * 9; ++k) windows[k * lanes + l] = simd::flushed(from[k]);
        }
    });
}

// Of few tiles: this many in channels at all positions. (One image of 64 channels on 8x8: 13.4 us; 4 or 16 channels, or the half
// of them for two blocks of results, 16 to 22; all of 4 blocks, which was one of 300 KB of transformed weights, 23.)
inline constexpr int windows_of_few_tiles = 8;
// Of more: this many blocks of in channels at one row of positions. (32 channels on 16x16: 9.4 us, and 11 at all positions; half
// as many blocks would load and store sums too often, twice as many are 0.7 us slower.)
inline constexpr int windows_at_once = 2;

// Scratch of winograd_products_of_windows.
template <class T>
constexpr Size winograd_weight_scratch(const WinogradPass& p) {
    constexpr Size lanes = simd::lanes<T>;
    return std::max(static_cast<Size>(p.positions) * (windows_of_few_tiles + 1) * lanes,
                    static_cast<Size>(p.out + 2) * (windows_at_once * lanes + 1) * lanes);
}

// How far ahead of the one that is transformed windows are fetched: 9 KB.
inline constexpr int windows_ahead = 16;

// products (+)= transformed weights times transformed inputs, of some in channels and few tiles.
//
//   transformed   [position][tile][lanes], from the first of these channels on
//   weights       [position][in channel][result lane], a line apart
//   products      [position][tile][lanes]
template <class T, int Channels, int TT>
__attribute__((noinline)) void winograd_add_products(const WinogradPass& p, const T* transformed, const T* weights, T* products,
                                                     bool begins) {
    using V = simd::Line<T>;
    constexpr Offset lanes = simd::lanes<T>;
    const Offset step = p.step;
    const Offset product_step = p.product_step;
    for (int position = 0; position < p.positions; ++position) {
        V sums[static_cast<Size>(TT)];
        RESIDUA_UNROLL
        for (int t = 0; t < TT; ++t) sums[t] = begins ? V(T(0)) : simd::load(products + t * lanes);
        RESIDUA_UNROLL
        for (int i = 0; i < Channels; ++i) {
            const V weight = simd::load(weights + i * lanes);
            RESIDUA_UNROLL
            for (int t = 0; t < TT; ++t) sums[t] = simd::fma(V(transformed[t * lanes + i]), weight, sums[t]);
        }
        RESIDUA_UNROLL
        for (int t = 0; t < TT; ++t) simd::store(products + t * lanes, sums[t]);
        transformed += step;
        weights += (Channels + 1) * lanes;
        products += product_step;
    }
}

// winograd_products_of_windows, of one block of results (whose windows these are) and few tiles.
template <class T, int Out>
__attribute__((noinline)) void winograd_few_products_of_windows(const WinogradPass& p, const T* transformed, const T* windows,
                                                                int tiles, T* products, T* weights) {
    constexpr Offset lanes = simd::lanes<T>;
    constexpr Offset of_channel = 9 * lanes;
    constexpr int most = std::min<int>(windows_of_few_tiles, lanes);
    constexpr int few = winograd_few_tiles<T>;
    // A convolution of these in channels alone.
    WinogradPass part = p;
    part.in_blocks = 1;
    part.weight_step = (most + 1) * lanes;

    for (int channel = 0; channel < p.from.channels; channel += most) {
        const int channels = std::min(most, p.from.channels - channel);
        for (int i = 0; i < channels; ++i, windows += of_channel) {
            // (What follows the last window is the next block's, or the next layer's. Nothing is read there.)
            const auto* const next = reinterpret_cast<const std::byte*>(windows + windows_ahead * of_channel);
            for (int line = 0; line < 9; ++line) simd::prefetch(next + line * simd::line_bytes);
            WinogradTransform<T, Out>::weights(windows, weights + i * lanes, part.weight_step);
        }

        const T* const inputs = transformed + (channel / lanes * p.group_tiles * lanes + channel % lanes);
        if (channels == most) {
            winograd_add_products<T, most, few>(part, inputs, weights, products, channel == 0);
        } else {
            Ahead nothing;
            part.last_in = channels;
            winograd_products<T, 1, few>(part, inputs, weights, {0, p.positions}, {0, tiles}, products, {}, nothing,
                                         channel == 0);
        }
    }
}

// winograd_products_of_windows, of one block of results and more tiles. next_windows: of the next block; null if there is none.
template <class T, int Out>
__attribute__((noinline)) void winograd_many_products_of_windows(const WinogradPass& p, const T* transformed, const T* windows,
                                                                 const T* next_windows, int tiles, T* products, T* weights) {
    constexpr Offset lanes = simd::lanes<T>;
    constexpr Offset of_channel = 9 * lanes;
    using Transform = WinogradTransform<T, Out>;
    constexpr int of_row = Transform::in;
    // A convolution of these in channels alone, at one row of positions.
    WinogradPass part = p;
    part.weight_step = (windows_at_once * lanes + 1) * lanes;

    for (int first = 0; first < p.in_blocks; first += windows_at_once) {
        part.in_blocks = std::min(windows_at_once, p.in_blocks - first);
        const bool last = first + part.in_blocks == p.in_blocks;
        part.last_in = last ? p.last_in : p.lanes;
        const Offset channels = part.in_blocks * lanes;
        const T* const next = last ? next_windows : windows + channels * of_channel;
        const int next_blocks = std::min(windows_at_once, last ? p.in_blocks : p.in_blocks - first - part.in_blocks);
        Ahead ahead;
        if (next) ahead.reads(next, static_cast<Size>(next_blocks * lanes * of_channel) * sizeof(T));
        ahead.spread_over(static_cast<Size>(p.positions * part.in_blocks * winograd_fetches<T>(tiles, 1)));

        simd::unroll<of_row>([&](auto row) RESIDUA_INLINE_LAMBDA {
            for (Offset i = 0; i < channels; ++i) {
                Transform::template weights<row, 1>(windows + i * of_channel, weights + i * lanes, part.weight_step);
            }
            const Offset position = row * of_row;
            winograd_products(part, transformed + (position * p.step + first * p.group_tiles * lanes), weights, {0, of_row},
                              tiles, products + position * p.product_step, {}, ahead, first == 0);
        });
        windows += channels * of_channel;
    }
}

// products = transformed windows times transformed inputs, at all positions, for some blocks of results.
//
//   transformed   [position][in block][tile][lanes]
//   windows       all
//   products      [block of results][position][tile][lanes]
//   weights       scratch
template <class T, int Out>
__attribute__((noinline)) void winograd_products_of_windows(const WinogradPass& p, const T* transformed, const T* windows,
                                                            Range blocks, int tiles, T* products, T* weights) {
    const Offset of_results = static_cast<Offset>(p.in_blocks) * p.lanes * p.lanes * 9;
    for (int block = blocks.begin; block < blocks.end; ++block, products += p.product_block) {
        const T* const own = windows + block * of_results;
        if (tiles <= winograd_few_tiles<T>) {
            winograd_few_products_of_windows<T, Out>(p, transformed, own, tiles, products, weights);
        } else {
            const T* const next = block + 1 < p.out_blocks ? own + of_results : nullptr;
            winograd_many_products_of_windows<T, Out>(p, transformed, own, next, tiles, products, weights);
        }
    }
}

}  // namespace residua::inline RESIDUA_ISA::kernels
