// The plan of a convolution of single pixels. Plain values, so that it is compiled once for all.
#pragma once

#include <residua/kernels/conv/plan.hpp>
#include <residua/kernels/conv/source.hpp>

#include <algorithm>

namespace residua::inline RESIDUA_ISA::kernels {

constexpr bool is_pointwise(const ConvGeometry& g) {
    return g.window.size == 1 && g.window.padding == Margins(0) && g.groups == 1;
}

// A convolution of kernel 1 is a product of matrices a pixel. Those pixels that are read are worked on in strips, whose copies (x
// activated, dy completed) stay in the first-level cache until all passes have used them.
struct PointwisePlan {
    Shape in;
    Shape out;
    int stride = 1;
    int units = 1;   // what strips are made of: pixels, or rows of the output where the stride leaves some out
    int unit = 1;    // its pixels
    int strips = 1;  // of an image
    int most_pixels = 1;
    DirectPlan product;  // of a strip, as a row of pixels
    Size input_copy = 0;
    Size gradient_copy = 0;

    constexpr Range units_of(int strip) const { return part_of(units, strips, strip); }
    constexpr Range pixels_of(int strip) const {
        const Range range = units_of(strip);
        return {range.begin * unit, range.end * unit};
    }
    constexpr Size in_image() const { return stored(in, product.lanes); }
    constexpr Size out_image() const { return stored(out, product.lanes); }
};

// Bytes of a strip's input, and the fewest pixels that it has if it is not a whole image: with fewer, sums and weights are moved
// for too few products. (14x14 images are two strips of seven tiles. Four strips of 49 pixels, in tiles of ten, had 85 % of the
// peak with 256 to 1024 channels, and these have 95.)
inline constexpr int pointwise_strip_bytes = 24 * 1024;
inline constexpr int pointwise_fewest_pixels = 98;

constexpr PointwisePlan pointwise_plan(const ConvGeometry& g, int lanes, std::size_t scalar_bytes) {
    PointwisePlan p;
    p.in = g.in;
    p.out = g.out;
    p.stride = g.window.stride;
    p.unit = p.stride > 1 ? g.out.width : 1;
    p.units = static_cast<int>(g.out.pixels()) / p.unit;

    // The fewest strips that are alike, or, if those would be more than twice as many as are needed, nearly alike.
    const int of_a_pixel = padded(g.in.channels, lanes) * static_cast<int>(scalar_bytes);
    const int pixels = std::max(pointwise_fewest_pixels, pointwise_strip_bytes / of_a_pixel);
    const int wanted = std::max(1, pixels / p.unit);
    const int fewest = (p.units + wanted - 1) / wanted;
    p.strips = fewest;
    while (p.units % p.strips != 0 && p.strips < 2 * fewest) ++p.strips;
    if (p.units % p.strips != 0) p.strips = fewest;
    p.most_pixels = (p.units + p.strips - 1) / p.strips * p.unit;

    const auto row = [&](int channels) { return Shape{channels, 1, p.most_pixels}; };
    p.product = direct_plan({row(g.in.channels), row(g.out.channels), {1, 1, 0}, 1}, lanes, scalar_bytes);
    if (p.stride > 1) p.product.gradient_width = tile_width(p.product.gradient_blocks, p.unit, 0, p.product.gradient_bytes);
    p.input_copy = stored(row(g.in.channels), lanes);
    p.gradient_copy = stored(row(g.out.channels), lanes);
    return p;
}

// to = those inputs of one image that these pixels of the output read.
//
//   x    [n][blocks][in.height][in.width][lanes]
//   to   [blocks][most pixels][lanes]
template <class T>
__attribute__((noinline)) void gather_inputs(const PointwisePlan& p, ConvInput<T> x, int image, Range pixels, T* to) {
    constexpr Size lanes = simd::lanes<T>;
    const Size in_image = p.in_image();
    const int width = p.stride > 1 ? p.out.width : static_cast<int>(p.out.pixels());
    for (int block = 0; block < p.product.in_blocks; ++block) {
        const Size channel = static_cast<Size>(block) * lanes;
        const Size of_block = static_cast<Size>(image) * in_image + static_cast<Size>(block) * p.in.pixels() * lanes;
        T* at = to + static_cast<Size>(block * p.most_pixels) * lanes;
        if (p.stride == 1) {
            read_lines(x, of_block + static_cast<Size>(pixels.begin) * lanes, channel,
                       static_cast<Size>(pixels.end - pixels.begin) * lanes, at);
            continue;
        }
        for (int row = pixels.begin / width; row < pixels.end / width; ++row) {
            const Size of_row = of_block + static_cast<Size>(row * p.stride * p.in.width) * lanes;
            for (int column = 0; column < width; ++column, at += lanes) {
                read_lines(x, of_row + static_cast<Size>(column * p.stride) * lanes, channel, lanes, at);
            }
        }
    }
}

// The same of dy.
//
//   dy   [n][blocks][out.height][out.width][lanes]
//   to   [blocks][most pixels][lanes]
template <class T>
__attribute__((noinline)) void gather_gradients(const PointwisePlan& p, PendingGradient<T> dy, int image, Range pixels, T* to) {
    constexpr Size lanes = simd::lanes<T>;
    for (int block = 0; block < p.product.out_blocks; ++block) {
        const Size of_block = static_cast<Size>(image) * p.out_image() + static_cast<Size>(block) * p.out.pixels() * lanes;
        read_lines(dy, of_block + static_cast<Size>(pixels.begin) * lanes, static_cast<Size>(block) * lanes,
                   static_cast<Size>(pixels.end - pixels.begin) * lanes, to + static_cast<Size>(block * p.most_pixels) * lanes);
    }
}

// Zeros in those rows of one image's dx that these rows of the output would reach, in some blocks.
template <class T>
void clear_rows(const PointwisePlan& p, Range rows, Range blocks, T* dx) {
    constexpr Size lanes = simd::lanes<T>;
    const int begin = rows.begin * p.stride;
    const int end = std::min(p.in.height, rows.end * p.stride);
    const Size row = static_cast<Size>(p.in.width) * lanes;
    for (int block = blocks.begin; block < blocks.end; ++block) {
        T* to = dx + static_cast<Size>(block) * p.in.pixels() * lanes + static_cast<Size>(begin) * row;
        std::memset(to, 0, static_cast<Size>(end - begin) * row * sizeof(T));
    }
}

// What a worker will read and write next: a strip's pixels, of all blocks.
template <class T>
void pointwise_ahead(Ahead& ahead, const T* images, Size image, const Shape& shape, Range pixels, bool writes) {
    constexpr Size lanes = simd::lanes<T>;
    const T* from = images + image * stored(shape, simd::lanes<T>) + static_cast<Size>(pixels.begin) * lanes;
    const Size bytes = static_cast<Size>(pixels.end - pixels.begin) * lanes * sizeof(T);
    const Size step = shape.pixels() * lanes * sizeof(T);
    const int runs = blocks_of(shape.channels, simd::lanes<T>);
    if (writes) {
        ahead.writes(from, bytes, step, runs);
    } else {
        ahead.reads(from, bytes, step, runs);
    }
}

}  // namespace residua::inline RESIDUA_ISA::kernels
