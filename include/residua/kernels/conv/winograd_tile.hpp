// The steps of a Winograd convolution on one group of tiles. Each function depends on the plan's values, and is compiled once for
// a scalar and a size of tiles.
#pragma once

#include <residua/kernels/conv/winograd_ahead.hpp>
#include <residua/kernels/conv/winograd_transforms.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

// padded = the source's rows that the group's tiles read, of some blocks, with zeros where there is no image.
//
//   source   ConvInput or PendingGradient: all images
//   padded   [images][blocks][padded rows][padded width][lanes]
template <class T, class Source>
__attribute__((noinline)) void winograd_fill(const WinogradPass& p, const WinogradGroup& group, Source source, Range blocks,
                                             T* padded) {
    constexpr Offset lanes = simd::lanes<T>;
    const Offset row_size = p.padded_width * lanes;
    const Offset block_size = p.padded_rows * row_size;
    const Offset width = p.from.width * lanes;
    const Offset left = p.padding * lanes;
    const Offset right = row_size - left - width;
    const int first = group.first_row * p.out - p.padding;
    const int rows = group.rows * p.out + 2;
    const int height = p.from.height;

    for (int image = 0; image < group.images; ++image) {
        const Size of_image = static_cast<Size>(group.first_image + image) * p.from_image();
        for (int block = blocks.begin; block < blocks.end; ++block, padded += block_size) {
            const Size of_block = of_image + static_cast<Size>(block * height) * static_cast<Size>(width);
            T* to = padded;

            for (int r = 0; r < rows; ++r, to += row_size) {
                const int y = first + r;
                if (y < 0 || y >= height) {
                    std::memset(to, 0, static_cast<Size>(row_size) * sizeof(T));
                    continue;
                }
                if (left > 0) std::memset(to, 0, static_cast<Size>(left) * sizeof(T));
                read_lines(source, of_block + static_cast<Size>(y * width), static_cast<Size>(block * lanes),
                           static_cast<Size>(width), to + left);
                std::memset(to + left + width, 0, static_cast<Size>(right) * sizeof(T));
            }
        }
    }
}

// transformed = B^T d B of each tile of `padded`, which holds so many blocks.
//
//   transformed   [position][block][tile][lanes], of the first of them
template <class T, int Out>
__attribute__((noinline)) void winograd_transform(const WinogradPass& p, const WinogradGroup& group, const T* padded, int blocks,
                                                  T* transformed) {
    constexpr Offset lanes = simd::lanes<T>;
    const Offset row_size = p.padded_width * lanes;
    const Offset block_size = p.padded_rows * row_size;
    const Offset step = p.step;
    const int rows = group.rows;
    const int columns = p.tile_columns;
    const Offset group_tiles = p.group_tiles;

    for (int image = 0; image < group.images; ++image) {
        for (int block = 0; block < blocks; ++block) {
            const T* from = padded + (static_cast<Offset>(image) * blocks + block) * block_size;
            T* to = transformed + (block * group_tiles + static_cast<Offset>(image) * group.tiles_of_image(p)) * lanes;
            for (int row = 0; row < rows; ++row) {
                const T* tile = from + row * Out * row_size;
                for (int column = 0; column < columns; ++column, tile += Out * lanes, to += lanes) {
                    WinogradTransform<T, Out>::input(tile, row_size, to, step);
                }
            }
        }
    }
}

// y (+)= A^T m A + bias of one block of results, with a ReLU if there is one, where the image has pixels.
//
//   products    [position][tile][lanes]
//   bias        [lanes], or null
//   addend, y   all images; the sum is to addend, which may be y
template <class T, int Out, bool Accumulates, Rectify R>
__attribute__((noinline)) void winograd_finish(const WinogradPass& p, const WinogradGroup& group, const T* products, int block,
                                               const T* bias, const T* addend, T* y) {
    using Transform = WinogradTransform<T, Out>;
    using V = typename Transform::V;
    constexpr int bytes = Transform::bytes;
    constexpr Offset lanes = simd::lanes<T>;
    const Offset step = p.product_step;
    const Offset width = p.to.width;
    const int height = p.to.height;
    const int columns = p.tile_columns;
    const int real = block + 1 == p.out_blocks ? p.last_out : p.lanes;
    const bool partial = real < p.lanes;

    for (int image = 0; image < group.images; ++image) {
        const Size of_block = static_cast<Size>(group.first_image + image) * p.to_image() +
                              static_cast<Size>(block) * p.to.pixels() * static_cast<Size>(lanes);
        for (int row = 0; row < group.rows; ++row) {
            const int top = (group.first_row + row) * Out;
            const int rows = std::min(Out, height - top);
            for (int column = 0; column < columns; ++column, products += lanes) {
                const Offset left = column * Out;
                const Offset wide = std::min<Offset>(Out, width - left);
                const Size of_tile = of_block + static_cast<Size>((top * width + left) * lanes);
                T* to = y + of_tile;
                const T* from = addend + of_tile;
                Transform::output(products, step, [&](auto r, auto k, Offset lane, V value) RESIDUA_INLINE_LAMBDA {
                    if (r >= rows || k >= wide) return;
                    if (bias) value = value + simd::load<T, bytes>(bias + lane);
                    // (Weights are zero beyond the last channel, but infinity times zero is not.)
                    if (partial) value = simd::first_lanes(value, real - static_cast<int>(lane));
                    const Offset at = lane + (r * width + k) * lanes;
                    simd::store(to + at, ended<Accumulates, R>(
                                             value, [&]() RESIDUA_INLINE_LAMBDA { return simd::load<T, bytes>(from + at); }));
                });
            }
        }
    }
}

// spread_to = A a A^T of each tile of a = x, or relu(scale x + shift), of one block; zeros where there is no image.
//
//   spread_to   [position][in block][tile][lanes]: of `pass.to`, the images that the weight gradient meets
template <class T, int Out>
__attribute__((noinline)) void winograd_spread(const WinogradPass& p, const WinogradGroup& group, ConvInput<T> x, int block,
                                               T* spread_to) {
    using Transform = WinogradTransform<T, Out>;
    using V = typename Transform::V;
    constexpr int bytes = Transform::bytes;
    constexpr Offset lanes = simd::lanes<T>;
    const Offset width = p.to.width;
    const int height = p.to.height;
    const int columns = p.tile_columns;

    for (int image = 0; image < group.images; ++image) {
        const T* of_block = x.data + (static_cast<Size>(group.first_image + image) * p.to_image() +
                                      static_cast<Size>(block) * p.to.pixels() * static_cast<Size>(lanes));
        for (int row = 0; row < group.rows; ++row) {
            const int top = (group.first_row + row) * Out;
            const int rows = std::min(Out, height - top);
            for (int column = 0; column < columns; ++column, spread_to += lanes) {
                const Offset left = column * Out;
                const Offset wide = std::min<Offset>(Out, width - left);
                const T* from = of_block + (top * width + left) * lanes;
                Transform::spread(
                    [&](auto r, auto k, Offset lane) RESIDUA_INLINE_LAMBDA {
                        if (r >= rows || k >= wide) return V(T(0));
                        V value = simd::load<T, bytes>(from + (lane + (r * width + k) * lanes));
                        if (x.scale) {
                            const V factor = simd::load<T, bytes>(x.scale + block * lanes + lane);
                            const V offset = simd::load<T, bytes>(x.shift + block * lanes + lane);
                            value = simd::fma(factor, value, offset);
                            value = simd::select(value < V(T(0)), V(T(0)), value);
                        }
                        return value;
                    },
                    spread_to, p.spread_step);
            }
        }
    }
}

// sums (+)= over the group's tiles of spread (in channels, broadcast) times transformed (out channels, in lanes), at some
// positions and blocks: of the convolution's own in and out channels, whose gradients are `pass.to` and `pass.from`.
//
//   transformed   [position][out block][tile][lanes], of dy
//   spread        [position][in block][tile][lanes], of x
//   sums          [position][out block][in block][in lane][out lane]
//
// IG in channels are summed at once.
template <class T, int IG>
__attribute__((noinline)) void winograd_add_sums(const WinogradPass& p, const T* transformed, const T* spread, Range positions,
                                                 Range out_blocks, int tiles, bool first, T* sums, Ahead& ahead) {
    using V = simd::Line<T>;
    constexpr Offset lanes = simd::lanes<T>;
    const int in_blocks = p.out_blocks;
    const int last_in = p.last_out;
    const Offset step = p.step;
    const Offset block_step = p.group_tiles * lanes;

    for (int position = positions.begin; position < positions.end; ++position) {
        for (int out = out_blocks.begin; out < out_blocks.end; ++out) {
            const T* g = transformed + (position * step + out * block_step);
            for (int in = 0; in < in_blocks; ++in) {
                const int channels = in + 1 == in_blocks ? last_in : static_cast<int>(lanes);
                for (int i0 = 0; i0 < channels; i0 += IG) {
                    const T* a = spread + (position * p.spread_step + in * block_step + i0);
                    T* to = sums + (position * p.sum_step + ((static_cast<Offset>(out) * in_blocks + in) * lanes + i0) * lanes);
                    V sum[static_cast<Size>(IG)];
                    if (first) {
                        simd::unroll<IG>([&](auto i) RESIDUA_INLINE_LAMBDA { sum[i] = V(T(0)); });
                    } else {
                        simd::unroll<IG>([&](auto i) RESIDUA_INLINE_LAMBDA { sum[i] = simd::load(to + i * lanes); });
                    }
                    for (int tile = 0; tile < tiles; ++tile) {
                        if (tile % winograd_tiles_a_fetch == 0) ahead.fetch_in_place();
                        const V gradient = simd::load(g + tile * lanes);
                        RESIDUA_UNROLL
                        for (int i = 0; i < IG; ++i) sum[i] = simd::fma(V(a[tile * lanes + i]), gradient, sum[i]);
                    }
                    simd::unroll<IG>([&](auto i) RESIDUA_INLINE_LAMBDA { simd::store(to + i * lanes, sum[i]); });
                }
            }
        }
    }
}

// sums += the sums of dy's channels over some images, of some blocks.
//
//   dy     all images, as `pass.from`
//   sums   [blocks][lanes], of all blocks
template <class T>
__attribute__((noinline)) void winograd_add_bias(const WinogradPass& p, const T* dy, Range images, Range blocks, T* sums) {
    constexpr Size lanes = simd::lanes<T>;
    const Size pixels = p.from.pixels();
    for (int image = images.begin; image < images.end; ++image) {
        for (int block = blocks.begin; block < blocks.end; ++block) {
            const T* from = dy + static_cast<Size>(image) * p.from_image() + static_cast<Size>(block) * pixels * lanes;
            T* to = sums + static_cast<Size>(block) * lanes;
            auto sum = simd::load(to);
            for (Size k = 0; k < pixels; ++k, from += lanes) sum = sum + simd::load(from);
            simd::store(to, sum);
        }
    }
}

}  // namespace residua::inline RESIDUA_ISA::kernels
