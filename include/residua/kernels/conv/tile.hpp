// The inner kernel of direct convolutions: tiles of output pixels whose sums stay in registers over all taps and input channels.
#pragma once

#include <residua/core/parallel.hpp>
#include <residua/kernels/conv/ahead.hpp>
#include <residua/kernels/conv/ending.hpp>
#include <residua/simd/line.hpp>

#include <algorithm>
#include <type_traits>

namespace residua::inline RESIDUA_ISA::kernels {

using Offset = std::ptrdiff_t;

// One position of the window: where its input lies, from the first output pixel's, and where its weights. Taps of a list stand in
// the order of their rows.
struct Tap {
    Offset input = 0;
    Offset weights = 0;
    int row = 0;  // of its input, from the first one of the window's place
};

// The taps that find a row in an input of `rows` rows, where the window stands at `row`. Rows of zeros around an image are never
// read: that saves 2, 4 and 8 % of the products of a 3x3 window on 32, 16 and 8 rows.
inline Range taps_within(const Tap* taps, int count, int row, int rows) {
    const auto within = [&](int k) { return row + taps[k].row >= 0 && row + taps[k].row < rows; };
    Range result;
    while (result.begin < count && !within(result.begin)) ++result.begin;
    result.end = result.begin;
    while (result.end < count && within(result.end)) ++result.end;
    return result;
}

// A plane of outputs to compute. All offsets in scalars; "block" is a block of channels. Pointers are to whole arrays and offsets
// are summed before they meet one: a tap of the first row alone lies before its image.
template <class T>
struct TilePlane {
    const T* input = nullptr;  // of the first output pixel at tap offset 0, first block
    Offset input_block = 0;    // from one block to the next
    Offset input_row = 0;      // from one output row to the next
    int input_rows = 0;
    int row_step = 1;  // input rows from one output row to the next
    int input_blocks = 0;
    int last_channels = 0;  // real channels of the last input block

    const Tap* taps = nullptr;
    int tap_count = 0;

    const T* weights = nullptr;    // [output block][input block][tap][input][output lane], of the first output block
    Offset weights_out_block = 0;  // from one output block to the next
    Offset weights_in_block = 0;

    T* output = nullptr;
    Offset output_block = 0;
    Offset output_row = 0;
    Offset output_pixel = 0;    // from one pixel to the next: lanes, or lanes times a stride
    const T* addend = nullptr;  // what a sum is to: the output, or what lies as it does
    int rows = 0;
    int columns = 0;

    Ahead* ahead = nullptr;   // never null
    const T* bias = nullptr;  // [output blocks][lanes] of the first output block on, or null
    int real_lanes = 0;       // of what is computed of the tile's last output block; the others are full
};

// OB output blocks x TW pixels: a step of the inner loop is OB loads of weights, TW broadcasts of inputs, OB TW FMAs. Step is
// from one output pixel's input to the next one's: the window's stride, times what a pixel takes. Columns that do not fill a tile
// are computed by one that overlaps its neighbour (or, in rows narrower than TW, that reads beyond the row: whoever calls
// provides for it), and stored once. Inputs are the lanes of a block, each broadcast; or with OwnGroup the channels of each
// lane's own group of so many lanes, and the loads of inputs are of lines. So many Bytes of a line are computed: the first,
// behind which zeros are stored; or, with OwnGroup, those that pointers are to.
template <class T, int OB, int TW, int Step, int OwnGroup, int Bytes, bool Accumulates, Rectify R>
__attribute__((noinline)) void run_tiles(const TilePlane<T>& plane) {
    using V = simd::Line<T, Bytes>;
    constexpr int lanes = simd::lanes<T>;
    constexpr int computed = Bytes / static_cast<int>(sizeof(T));
    constexpr int rest = simd::line_bytes - Bytes;
    constexpr auto load = [](const T* from) RESIDUA_INLINE_LAMBDA { return simd::load<T, Bytes>(from); };

    // (Read once: the compiler has to assume that a store of a line changes the plane.)
    const Offset input_block = plane.input_block;
    const Offset weights_in_block = plane.weights_in_block;
    const Offset weights_out_block = plane.weights_out_block;
    const Offset output_block = plane.output_block;
    const Offset output_pixel = plane.output_pixel;
    const Tap* const all_taps = plane.taps;
    const T* const input = plane.input;
    const T* const all_weights = plane.weights;
    const T* const addend = plane.addend;
    T* const output = plane.output;
    const int columns = plane.columns;
    const int input_blocks = plane.input_blocks;
    const int last_channels = plane.last_channels;
    const int real_lanes = plane.real_lanes;
    Ahead& ahead = *plane.ahead;

    for (int row = 0; row < plane.rows; ++row) {
        const Range taps = taps_within(all_taps, plane.tap_count, row * plane.row_step, plane.input_rows);

        for (int column = 0; column < columns; column += TW) {
            const int begin = std::max(0, std::min(column, columns - TW));
            const Offset input_at = row * plane.input_row + static_cast<Offset>(begin) * Step;

            V sums[static_cast<Size>(OB * TW)];
            // (Begun and stored by simd::unroll, added to in loops: loops everywhere lose 1.5 % of a training step of ResNet-20.)
            simd::unroll<OB>([&](auto o) RESIDUA_INLINE_LAMBDA {
                const V start = plane.bias ? load(plane.bias + o * lanes) : V(T(0));
                simd::unroll<TW>([&](auto t) RESIDUA_INLINE_LAMBDA { sums[o * TW + t] = start; });
            });

            for (int block = 0; block < input_blocks; ++block) {
                const int channels = block + 1 == input_blocks ? last_channels : lanes;
                const Offset block_at = input_at + block * input_block;
                const T* weights = all_weights + block * weights_in_block;
                for (int k = taps.begin; k < taps.end; ++k) {
                    if constexpr (OwnGroup > 0) {
                        ahead.fetch_in_place();
                    } else {
                        ahead.fetch();
                    }
                    const T* in = input + (block_at + all_taps[k].input);
                    const T* w = weights + all_taps[k].weights;
                    if constexpr (OwnGroup > 0) {
                        static_assert(OB == 1);
                        V weight[static_cast<Size>(OwnGroup)];
                        simd::unroll<OwnGroup>([&](auto i) RESIDUA_INLINE_LAMBDA { weight[i] = load(w + i * lanes); });
                        simd::unroll<TW>([&](auto t) RESIDUA_INLINE_LAMBDA {
                            const V pixel = load(in + t * Step);
                            simd::unroll<OwnGroup>([&](auto i) RESIDUA_INLINE_LAMBDA {
                                sums[t] = simd::fma(simd::of_own_group<OwnGroup, i>(pixel), weight[i], sums[t]);
                            });
                        });
                        continue;
                    }
                    for (int i = 0; i < channels; ++i) {
                        V weight[static_cast<Size>(OB)];
                        RESIDUA_UNROLL
                        for (int o = 0; o < OB; ++o) weight[o] = load(w + o * weights_out_block + i * lanes);
                        RESIDUA_UNROLL
                        for (int t = 0; t < TW; ++t) {
                            const V value(in[t * Step + i]);
                            RESIDUA_UNROLL
                            for (int o = 0; o < OB; ++o) sums[o * TW + t] = simd::fma(value, weight[o], sums[o * TW + t]);
                        }
                    }
                }
            }

            // A whole tile has no questions to ask.
            const int from = column - begin;
            const int to = std::min(TW, columns - begin);
            const Offset output_at = row * plane.output_row + begin * output_pixel;
            const auto finish = [&](auto whole) RESIDUA_INLINE_LAMBDA {
                simd::unroll<OB>([&](auto o) RESIDUA_INLINE_LAMBDA {
                    simd::unroll<TW>([&](auto t) RESIDUA_INLINE_LAMBDA {
                        if (!whole && (t < from || t >= to)) return;
                        V result = sums[o * TW + t];
                        // (Weights are zero there, but infinity times zero is not.)
                        if (!whole && o + 1 == OB && real_lanes < computed) result = simd::first_lanes(result, real_lanes);
                        const Offset at = output_at + o * output_block + t * output_pixel;
                        simd::store(output + at,
                                    ended<Accumulates, R>(result, [&]() RESIDUA_INLINE_LAMBDA { return load(addend + at); }));
                        if constexpr (rest > 0 && OwnGroup == 0) {
                            simd::store(output + at + computed, simd::Line<T, rest>(T(0)));
                        }
                    });
                });
            };
            if (from == 0 && to == TW && real_lanes >= computed) {
                finish(std::true_type{});
            } else {
                finish(std::false_type{});
            }
        }
    }
}

// The planes of a bundle of Blocks of All output blocks, or of the one that is left at the end: `left` from the bundle's first
// on, the last of which has last_lanes channels. With OwnGroup a line is computed in parts.
template <class T, int All, int Blocks, int Width, int Step, int OwnGroup, int Bytes, bool Accumulates,
          Rectify R = Rectify::nowhere>
void run_bundle(TilePlane<T>& plane, int left, int last_lanes) {
    constexpr int lanes = simd::lanes<T>;
    plane.real_lanes = left <= Blocks ? last_lanes : lanes;
    if constexpr (All % Blocks != 0) {
        if (left < Blocks) {
            run_tiles<T, 1, Width, Step, OwnGroup, Bytes, Accumulates, R>(plane);
            return;
        }
    }
    run_tiles<T, Blocks, Width, Step, OwnGroup, Bytes, Accumulates, R>(plane);
    if constexpr (OwnGroup > 0) {
        constexpr int part = Bytes / static_cast<int>(sizeof(T));
        for (int lane = part; lane < lanes; lane += part) {
            plane.input += part;
            plane.weights += part;
            plane.output += part;
            plane.addend += part;
            if (plane.bias) plane.bias += part;
            plane.real_lanes -= part;
            run_tiles<T, Blocks, Width, Step, OwnGroup, Bytes, Accumulates, R>(plane);
        }
    }
}

// Pixels of a tile for rows of so many columns, where so many bytes of a line are computed: as many as registers allow and as
// divides the row best.
constexpr int tile_width(int out_blocks_of_tile, int columns, int own_group, int bytes) {
    // OB weights and one broadcast, or a group's weights, a pixel and a shuffle of it; the rest are accumulators; beyond 16
    // nothing is gained.
    const int others = own_group > 0 ? own_group + 2 : out_blocks_of_tile + 1;
    const int most = std::clamp((simd::lines_in_registers(bytes) - others) / out_blocks_of_tile, 1, 16);
    if (columns <= most) return columns < 1 ? 1 : columns;
    int best = most;
    for (int width = most; width > most / 2; --width) {
        const auto computed = [&](int w) { return (columns + w - 1) / w * w; };
        if (computed(width) < computed(best)) best = width;
    }
    return best;
}

// Output blocks of a tile: two where the registers hold sixteen lines, else one, whose tile is the wider.
constexpr int tile_blocks(int blocks) { return blocks >= 2 && simd::lines_in_registers() >= 16 ? 2 : 1; }

// Bytes of a line that a tile computes: those of its only block's channels; or of one own group, and then a line is computed in
// parts.
constexpr int tile_bytes(int blocks, int channels, int own_group, std::size_t scalar_bytes) {
    const int scalars = own_group > 0 ? own_group : channels;
    const int bytes = simd::bytes_of_registers(scalars * static_cast<int>(scalar_bytes));
    return own_group > 0 || blocks == 1 ? std::min(bytes, simd::line_bytes) : simd::line_bytes;
}

}  // namespace residua::inline RESIDUA_ISA::kernels
