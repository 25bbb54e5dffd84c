// The plan of a direct convolution: what follows from its geometry and is shared by its passes. Plain values, so that it is
// compiled once for all convolutions.
#pragma once

#include <residua/core/border.hpp>
#include <residua/kernels/conv/halo.hpp>
#include <residua/kernels/conv/image_stage.hpp>
#include <residua/kernels/conv/tile.hpp>

#include <algorithm>
#include <array>

namespace residua::inline RESIDUA_ISA::kernels {

// A 1x1 convolution of stride one knows no rows.
constexpr ConvGeometry flattened(ConvGeometry g) {
    if (g.window != Window{1, 1, 0}) return g;
    const auto row = [](Shape s) { return Shape{s.channels, 1, static_cast<int>(s.pixels())}; };
    return {row(g.in), row(g.out), g.window, g.groups};
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

// Groups of the convolution seen from one of its sides: a group's channels there, and those that it is connected to.
struct Connection {
    int channels = 0;
    int own = 0;    // a group's, on this side
    int other = 0;  // and on the other

    // The channels of the other side that some of these blocks are connected to.
    constexpr Range of_blocks(Range blocks, int lanes) const {
        const int last = std::min(channels, blocks.end * lanes) - 1;
        return {blocks.begin * lanes / own * other, (last / own + 1) * other};
    }
};

// Blocks that some channels lie in.
constexpr Range blocks_over(Range channels, int lanes) { return {channels.begin / lanes, blocks_of(channels.end, lanes)}; }

// All sizes in scalars unless they say otherwise. Output blocks (input blocks, in the data gradient) are computed in bundles, of
// which each visits the blocks of the other side that its groups lie in: its slots.
struct DirectPlan {
    ConvGeometry g;
    int lanes = 1;
    int taps = 1;
    int in_blocks = 1;
    int out_blocks = 1;
    int last_in = 1;  // channels of the last block
    int last_out = 1;
    Connection from_out;
    Connection from_in;
    int in_slots = 1;     // the most that a bundle of output blocks visits
    int out_slots = 1;    // and one of input blocks
    int own_group = 0;    // see reads_own_group
    int cell_rows = 1;    // inputs of a cell
    int stem = 0;         // input channels of a stem, or 0
    int input_pixel = 1;  // from one pixel to the next: of x, or of its copy
    Size in_image = 0;
    Size out_image = 0;
    Size out_wide = 0;  // output channels with those that fill the last block
    Offset cell = 0;    // weights of a pair of blocks: [tap][cell_rows][lanes]

    // Tiles of the forward pass and of the data gradient.
    int forward_blocks = 1;
    int forward_width = 1;
    int forward_bytes = 64;
    int gradient_blocks = 1;
    int gradient_width = 1;
    int gradient_bytes = 64;

    // Copies with zeros beside the rows, of x and of dy.
    bool has_padding = false;
    bool gradient_needs_halo = false;
    Halo input_halo;
    Halo gradient_halo;
    std::size_t worker_bytes = 0;  // of the larger one

    // Packed weights, also transposed; partial weight gradients, a chunk of images each, with those of the bias behind them.
    Size weights = 0;
    Size transposed_weights = 0;
    Size partial = 0;
    int most_chunks = 1;

    constexpr int forward_bundles() const { return (out_blocks + forward_blocks - 1) / forward_blocks; }
    constexpr int gradient_bundles() const { return (in_blocks + gradient_blocks - 1) / gradient_blocks; }

    constexpr Range blocks_of_forward(int bundle) const {
        return {bundle * forward_blocks, std::min(out_blocks, (bundle + 1) * forward_blocks)};
    }
    constexpr Range blocks_of_gradient(int bundle) const {
        return {bundle * gradient_blocks, std::min(in_blocks, (bundle + 1) * gradient_blocks)};
    }

    // The input channels that a bundle of output blocks reads, and the output channels that one of input blocks does.
    constexpr Range inputs_of(int bundle) const { return from_out.of_blocks(blocks_of_forward(bundle), lanes); }
    constexpr Range outputs_of(int bundle) const { return from_in.of_blocks(blocks_of_gradient(bundle), lanes); }
};

// Groups that are narrower than a block and fill it, with as many inputs as outputs: a lane's inputs lie in the pixel's own
// line, and each is brought to its group's lanes by a shuffle. Elsewhere inputs are broadcast, and weights are zero where an
// output of the block is of another group: groups that fill no block whole cost up to `lanes` / width times their products.
constexpr bool reads_own_group(const ConvGeometry& g, int lanes) {
    const int width = g.inputs_a_group();
    return g.groups > 1 && width == g.outputs_a_group() && width < lanes && lanes % width == 0;
}

// Blocks of a bundle: two where both lie in the same groups.
constexpr int bundle_blocks(const ConvGeometry& g, int blocks, int channels_a_group, int lanes) {
    return g.groups == 1 || channels_a_group % (2 * lanes) == 0 ? tile_blocks(blocks) : 1;
}

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
    p.from_out = {g.out.channels, g.outputs_a_group(), g.inputs_a_group()};
    p.from_in = {g.in.channels, g.inputs_a_group(), g.outputs_a_group()};
    p.own_group = reads_own_group(g, lanes) ? g.inputs_a_group() : 0;
    p.cell_rows = p.own_group > 0 ? p.own_group : lanes;
    p.stem = window.size > 1 && g.groups == 1 && g.in.channels <= stem_pixel ? g.in.channels : 0;
    p.input_pixel = p.stem > 0 ? stem_pixel : lanes;
    p.cell = static_cast<Offset>(p.taps) * p.cell_rows * lanes;

    p.forward_blocks = bundle_blocks(g, p.out_blocks, g.outputs_a_group(), lanes);
    p.forward_bytes = tile_bytes(p.out_blocks, g.out.channels, p.own_group, scalar_bytes);
    p.forward_width = tile_width(p.forward_blocks, g.out.width, p.own_group, p.forward_bytes);
    p.gradient_blocks = bundle_blocks(g, p.in_blocks, g.inputs_a_group(), lanes);
    p.gradient_bytes = tile_bytes(p.in_blocks, g.in.channels, p.own_group, scalar_bytes);
    p.gradient_width = tile_width(p.gradient_blocks, positions(g.in.width, window.stride, 0), p.own_group, p.gradient_bytes);
    for (int bundle = 0; bundle < p.forward_bundles(); ++bundle) {
        const Range slots = blocks_over(p.inputs_of(bundle), lanes);
        p.in_slots = std::max(p.in_slots, slots.end - slots.begin);
    }
    for (int bundle = 0; bundle < p.gradient_bundles(); ++bundle) {
        const Range slots = blocks_over(p.outputs_of(bundle), lanes);
        p.out_slots = std::max(p.out_slots, slots.end - slots.begin);
    }

    // (Phases of a stride may differ by one column, and a tile reads the longest one's.)
    const Reach columns = reach_of_gradient(window, g.in.width, g.out.width);
    p.has_padding = window.padding != Margins(0);
    p.input_halo = {g.in.height, g.in.width + window.padding.before + window.padding.after, window.padding.before};
    p.gradient_halo = {g.out.height, columns.extent + (window.stride > 1 ? 1 : 0), columns.before};
    p.gradient_needs_halo = p.gradient_halo.width != g.out.width;
    const Size input_copy = static_cast<Size>(p.in_blocks * p.input_pixel) * p.input_halo.pixels();
    const Size gradient_copy = static_cast<Size>(p.out_blocks * lanes) * p.gradient_halo.pixels();
    p.worker_bytes = (std::max(input_copy, gradient_copy) * scalar_bytes + 63) / 64 * 64;

    p.weights = static_cast<Size>(p.out_blocks) * static_cast<Size>(p.in_slots) * static_cast<Size>(p.cell);
    p.transposed_weights = static_cast<Size>(p.in_blocks) * static_cast<Size>(p.out_slots) * static_cast<Size>(p.cell);
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
        taps[static_cast<Size>(k)] = {(static_cast<Offset>(row) * p.input_halo.width + column) * p.input_pixel,
                                      static_cast<Offset>(k) * p.cell_rows * p.lanes, row};
    }
    return taps;
}

// An image of x, or its copy in a worker's scratch: activated, and with zeros.
template <class T>
const T* input_image(const DirectPlan& p, const ConvInput<T>& x, Size image, std::byte* own) {
    const T* in = x.data + image * p.in_image;
    if (!p.has_padding && !x.scale && p.stem == 0) return in;
    T* copy = reinterpret_cast<T*>(own);
    if (p.stem > 0) {
        copy_stem_with_halo({in, x.scale, x.shift}, p.g.in, p.input_halo, copy);
    } else {
        copy_with_halo({in, x.scale, x.shift}, p.g.in, p.input_halo, copy);
    }
    return copy;
}

}  // namespace residua::inline RESIDUA_ISA::kernels
