// The plan of a direct convolution: what follows from its geometry and is shared by its passes. Plain values, so that it is
// compiled once for all convolutions.
#pragma once

#include <residua/core/team.hpp>
#include <residua/kernels/conv/halo.hpp>
#include <residua/kernels/conv/tile.hpp>

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

// All sizes in scalars unless they say otherwise.
struct DirectPlan {
    ConvGeometry g;
    int lanes = 1;
    int taps = 1;
    int in_blocks = 1;
    int out_blocks = 1;
    int last_in = 1;  // channels of the last block
    int last_out = 1;
    Size in_image = 0;
    Size out_image = 0;
    Size out_wide = 0;  // output channels with those that fill the last block
    Offset cell = 0;    // weights of a pair of blocks

    // Tiles of the forward pass and of the data gradient.
    int forward_blocks = 1;
    int forward_width = 1;
    int gradient_blocks = 1;
    int gradient_width = 1;

    // Copies with zeros beside the rows, of x and of dy.
    bool has_padding = false;
    bool gradient_needs_halo = false;
    Halo input_halo;
    Halo gradient_halo;
    std::size_t worker_bytes = 0;  // of the larger one

    // Packed weights; partial weight gradients, a chunk of images each, with those of the bias behind them.
    Size weights = 0;
    Size partial = 0;
    int most_chunks = 1;

    constexpr int forward_groups() const { return (out_blocks + forward_blocks - 1) / forward_blocks; }
    constexpr int gradient_groups() const { return (in_blocks + gradient_blocks - 1) / gradient_blocks; }
};

// Fewer images than this are cut by groups of output blocks too.
inline constexpr int few_images = 8;

constexpr DirectPlan direct_plan(ConvGeometry geometry, int lanes, std::size_t scalar_bytes) {
    DirectPlan p;
    p.g = flattened(geometry);
    const ConvGeometry& g = p.g;
    const Window& window = g.window;
    p.lanes = lanes;
    p.taps = window.size * window.size;
    p.in_blocks = blocks_of(g.in.channels, lanes);
    p.out_blocks = blocks_of(g.out.channels, lanes);
    p.last_in = g.in.channels - (p.in_blocks - 1) * lanes;
    p.last_out = g.out.channels - (p.out_blocks - 1) * lanes;
    p.in_image = stored(g.in, lanes);
    p.out_image = stored(g.out, lanes);
    p.out_wide = static_cast<Size>(p.out_blocks * lanes);
    p.cell = static_cast<Offset>(p.taps) * lanes * lanes;

    p.forward_blocks = tile_blocks(p.out_blocks);
    p.forward_width = tile_width(p.forward_blocks, g.out.width);
    p.gradient_blocks = tile_blocks(p.in_blocks);
    p.gradient_width = tile_width(p.gradient_blocks, positions(g.in.width, window.stride, 0));

    // (Phases of a stride may differ by one column, and a tile reads the longest one's.)
    const Reach columns = reach_of_gradient(window, g.in.width, g.out.width);
    p.has_padding = window.padding != Padding(0);
    p.input_halo = {g.in.height, g.in.width + window.padding.before + window.padding.after, window.padding.before};
    p.gradient_halo = {g.out.height, columns.extent + (window.stride > 1 ? 1 : 0), columns.before};
    p.gradient_needs_halo = p.gradient_halo.width != g.out.width;
    const Size input_copy = static_cast<Size>(p.in_blocks * lanes) * p.input_halo.pixels();
    const Size gradient_copy = static_cast<Size>(p.out_blocks * lanes) * p.gradient_halo.pixels();
    p.worker_bytes = (std::max(input_copy, gradient_copy) * scalar_bytes + 63) / 64 * 64;

    p.weights = static_cast<Size>(p.out_blocks) * static_cast<Size>(p.in_blocks) * static_cast<Size>(p.cell);
    p.partial = p.weights + p.out_wide;
    p.most_chunks = chunks_of(p.weights * scalar_bytes);
    return p;
}

// The taps of the window on x or its copy with zeros. (Without padding the copy has the image's own width.)
template <int Taps>
constexpr std::array<Tap, static_cast<Size>(Taps)> input_taps(const DirectPlan& p) {
    std::array<Tap, static_cast<Size>(Taps)> taps{};
    for (int k = 0; k < Taps; ++k) {
        const int row = k / p.g.window.size - p.g.window.padding.before;
        const int column = k % p.g.window.size;
        taps[static_cast<Size>(k)] = {(static_cast<Offset>(row) * p.input_halo.width + column) * p.lanes,
                                      static_cast<Offset>(k) * p.lanes * p.lanes, row};
    }
    return taps;
}

// [out][in][k][k] -> [out block][in block][tap][in lane][out lane], or transposed [in block][out block][tap][out lane][in lane];
// zeros beyond the last channels.
template <class T>
__attribute__((noinline)) void pack_weights(const Team& team, const DirectPlan& p, const T* weights, T* to, bool transposed) {
    const int lanes = p.lanes;
    const int majors = transposed ? p.g.in.channels : p.g.out.channels;
    const int minors = transposed ? p.g.out.channels : p.g.in.channels;
    const Offset block_size = p.cell * (transposed ? p.out_blocks : p.in_blocks);
    team.run(transposed ? p.in_blocks : p.out_blocks, [&](int block, std::byte*) {
        T* packed = to + block * block_size;
        std::memset(packed, 0, static_cast<Size>(block_size) * sizeof(T));
        for (int major = block * lanes; major < std::min(majors, (block + 1) * lanes); ++major) {
            for (int minor = 0; minor < minors; ++minor) {
                const Offset out = transposed ? minor : major;
                const Offset in = transposed ? major : minor;
                const T* from = weights + (out * p.g.in.channels + in) * p.taps;
                T* at = packed + minor / lanes * p.cell + minor % lanes * lanes + major % lanes;
                for (int k = 0; k < p.taps; ++k) at[k * lanes * lanes] = from[k];
            }
        }
    });
}

}  // namespace residua::inline RESIDUA_ISA::kernels
