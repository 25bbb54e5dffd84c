// What the passes of a direct convolution share: sizes in memory, tiles, taps, packed weights.
#pragma once

#include <residua/core/parallel.hpp>
#include <residua/kernels/conv_halo.hpp>
#include <residua/kernels/conv_tile.hpp>

#include <algorithm>
#include <array>
#include <cstring>

namespace residua::inline RESIDUA_ISA::kernels {

// A 1x1 convolution of stride one knows no rows.
constexpr ConvGeometry flattened(ConvGeometry g) {
    if (g.window != Window{1, 1, 0}) return g;
    const auto row = [](Shape s) { return Shape{s.channels, 1, static_cast<int>(s.pixels())}; };
    return {row(g.in), row(g.out), g.window};
}

// Positions of dx whose row (or column) is `phase` modulo the stride meet the taps u with (phase + before - u) divisible by it,
// at rows of dy that lie `shift` from their own number.
constexpr bool meets(Window w, int phase, int u) { return (phase + w.padding.before - u) % w.stride == 0; }
constexpr int shift(Window w, int phase, int u) { return (phase + w.padding.before - u) / w.stride; }
constexpr int positions(int extent, int stride, int phase) { return phase >= extent ? 0 : (extent - phase - 1) / stride + 1; }

// What dy needs around it so that every tap of every position of dx finds a value.
struct Reach {
    int before = 0;
    int extent = 0;  // with what lies before
};
constexpr Reach reach_of_gradient(Window w, int in, int out) {
    int lowest = 0;
    int highest = out - 1;
    for (int phase = 0; phase < std::min(w.stride, in); ++phase) {
        for (int u = 0; u < w.size; ++u) {
            if (!meets(w, phase, u)) continue;
            lowest = std::min(lowest, shift(w, phase, u));
            highest = std::max(highest, shift(w, phase, u) + positions(in, w.stride, phase) - 1);
        }
    }
    return {-lowest, highest + 1 - lowest};
}

// All that follows from scalar and geometry. Weights come in PyTorch's order [out][in][k][k]; images in blocks of channels.
template <class T, ConvGeometry Geometry>
struct DirectSizes {
    static constexpr ConvGeometry g = flattened(Geometry);
    static constexpr Window window = g.window;
    static constexpr int lanes = simd::lanes<T>;
    static constexpr int size = window.size;
    static constexpr int stride = window.stride;
    static constexpr int tap_count = size * size;
    static constexpr int in_blocks = blocks_of(g.in.channels, lanes);
    static constexpr int out_blocks = blocks_of(g.out.channels, lanes);
    static constexpr int last_in = g.in.channels - (in_blocks - 1) * lanes;
    static constexpr int last_out = g.out.channels - (out_blocks - 1) * lanes;
    static constexpr Size in_image = stored(g.in, lanes);
    static constexpr Size out_image = stored(g.out, lanes);
    static constexpr Offset cell = static_cast<Offset>(tap_count) * lanes * lanes;  // weights of a pair of blocks
    static constexpr Size out_wide = static_cast<Size>(out_blocks) * lanes;

    // Tiles of the forward pass and of the data gradient.
    static constexpr int forward_blocks = tile_blocks(out_blocks);
    static constexpr int forward_width = tile_width(forward_blocks, g.out.width);
    static constexpr int gradient_blocks = tile_blocks(in_blocks);
    static constexpr int gradient_width = tile_width(gradient_blocks, positions(g.in.width, stride, 0));

    static constexpr bool has_padding = window.padding != Padding(0);
    static constexpr Halo input_halo{g.in.height, g.in.width + window.padding.before + window.padding.after,
                                     window.padding.before};

    // (Phases of a stride may differ by one column, and a tile reads the longest one's.)
    static constexpr Reach columns = reach_of_gradient(window, g.in.width, g.out.width);
    static constexpr Halo gradient_halo{g.out.height, columns.extent + (stride > 1 ? 1 : 0), columns.before};
    static constexpr bool gradient_needs_halo = gradient_halo.width != g.out.width;

    static constexpr Size input_halo_size = static_cast<Size>(in_blocks) * lanes * input_halo.pixels();
    static constexpr Size gradient_halo_size = static_cast<Size>(out_blocks) * lanes * gradient_halo.pixels();

    // Partial weight gradients, a chunk of images each, and those of the bias behind them.
    static constexpr Size weights_size = static_cast<Size>(out_blocks) * in_blocks * static_cast<Size>(cell);
    static constexpr Size partial_size = weights_size + out_wide;
    static constexpr int most_chunks = chunks_of(weights_size * sizeof(T));

    static constexpr int few = 8;  // images; fewer are cut by groups of output blocks too

    static constexpr std::size_t worker_bytes = (std::max(input_halo_size, gradient_halo_size) * sizeof(T) + 63) / 64 * 64;

    // Taps of the window on an image (or its halo) of that width.
    static constexpr std::array<Tap, tap_count> taps_on(int width) {
        std::array<Tap, tap_count> taps{};
        for (int u = 0; u < size; ++u) {
            for (int v = 0; v < size; ++v) {
                const int k = u * size + v;
                const int row = u - window.padding.before;
                taps[static_cast<Size>(k)] = {(static_cast<Offset>(row) * width + v) * lanes,
                                              static_cast<Offset>(k) * lanes * lanes, row};
            }
        }
        return taps;
    }
    // (Without padding the halo has the image's own width.)
    static constexpr std::array<Tap, tap_count> input_taps = taps_on(input_halo.width);

    // [out][in][k][k] -> [out block][in block][tap][in lane][out lane], or transposed [in block][out block][tap][out lane][in
    // lane]; zeros beyond the last channels.
    static void pack_as(const T* weights, T* to, bool transposed) {
        std::memset(to, 0, weights_size * sizeof(T));
        const T* from = weights;
        for (int o = 0; o < g.out.channels; ++o) {
            for (int i = 0; i < g.in.channels; ++i) {
                const int major = transposed ? i : o;
                const int minor = transposed ? o : i;
                const int minor_blocks = transposed ? out_blocks : in_blocks;
                const Offset pair = static_cast<Offset>(major / lanes) * minor_blocks + minor / lanes;
                T* at = to + pair * cell + minor % lanes * lanes + major % lanes;
                for (int k = 0; k < tap_count; ++k) at[k * lanes * lanes] = *from++;
            }
        }
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
