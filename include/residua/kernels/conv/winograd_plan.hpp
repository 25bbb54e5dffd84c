// The plan of a Winograd convolution: tiles, groups of them and their scratch. Plain values, so that it is compiled once for all.
#pragma once

#include <residua/kernels/conv/plan.hpp>

#include <algorithm>

namespace residua::inline RESIDUA_ISA::kernels {

// One direction of a 3x3 convolution of stride 1: images of `from` become images of `to` (backward: dy becomes dx). Results are
// cut into tiles of out x out; where the image ends within one, it computes more than is stored.
//
// Tiles are worked on in groups: whole images, or bands of rows of tiles of one image. Scratch of a group:
//
//   padded        [images][in block][padded rows][padded width][lanes]   the source, with zeros around it
//   transformed   [position][in block][tile][lanes]                      B^T d B
//   products      [block of results][position][tile][lanes]              of so many as are summed at once
//   spread        [position][out block][tile][lanes]                     A a A^T of the images that a weight gradient meets
//   sums          [position][in block][out block][out lane][in lane]     of it
//
// A group is a worker's, and its transformed inputs stay in the second-level cache. Or, of a wide convolution, it is all
// workers': its parts are transformed one by one (padded is of one image and one block), and there are products of all blocks:
// [position][block][tile][lanes].
//
// Packed weights are [block of results][position][in block][in lane][result lane]. Positions lie a line more apart than they
// need: the 36 of a tile would share a set of the first-level cache.
struct WinogradPass {
    Shape from;
    Shape to;
    int padding = 1;  // above and left of `from`
    int lanes = 1;
    int out = 4;  // a tile's rows
    int positions = 36;
    int in_blocks = 1;
    int out_blocks = 1;
    int last_in = 1;  // channels of the last block
    int last_out = 1;

    int tile_rows = 1;  // of an image
    int tile_columns = 1;
    bool wide = false;
    int group_images = 1;
    int group_rows = 1;  // rows of tiles: all of an image's where a group is whole images
    int group_tiles = 1;
    int blocks_at_once = 1;  // of results

    int padded_rows = 1;
    int padded_width = 1;
    Offset step = 0;          // from position to position, of `transformed`
    Offset product_step = 0;  // and of `products`
    Offset spread_step = 0;
    Offset sum_step = 0;
    Offset weight_step = 0;    // and of packed weights
    Offset product_block = 0;  // and of `products`, from block to block
    Size padded = 0;
    Size transformed = 0;
    Size products = 0;
    Size spread = 0;
    Size sums = 0;

    // What depends on the number of tiles that a group has room for.
    constexpr void set_group_tiles(int tiles) {
        group_tiles = tiles;
        step = static_cast<Offset>(in_blocks * tiles + 1) * lanes;
        product_step = static_cast<Offset>((wide ? out_blocks : 1) * tiles + 1) * lanes;
        product_block = wide ? static_cast<Offset>(tiles) * lanes : positions * product_step;
        spread_step = static_cast<Offset>(out_blocks * tiles + 1) * lanes;
        transformed = static_cast<Size>(positions) * static_cast<Size>(step);
        products = static_cast<Size>(wide ? 1 : blocks_at_once) * static_cast<Size>(positions) * static_cast<Size>(product_step);
        spread = static_cast<Size>(positions) * static_cast<Size>(spread_step);
    }

    constexpr int bands() const { return (tile_rows + group_rows - 1) / group_rows; }
    constexpr int groups(int images) const { return (images + group_images - 1) / group_images; }
    constexpr Size packed() const {
        return static_cast<Size>(out_blocks) * static_cast<Size>(positions) * static_cast<Size>(weight_step);
    }
    constexpr Size scratch() const { return padded + transformed + products; }
    constexpr Size from_image() const { return stored(from, lanes); }
    constexpr Size to_image() const { return stored(to, lanes); }
};

// Bytes of transformed inputs that a worker's group may have. (Somewhat over half of a second-level cache of 1 MB; not swept.)
inline constexpr Size winograd_group_bytes = 600 * 1024;
inline constexpr int winograd_most_tiles = 64;
inline constexpr int winograd_fewest_tiles = 16;

// A group of so few tiles is worked on in so many blocks of results at once (winograd_products.hpp).
inline constexpr int winograd_few_tiles_of_group = 4;
inline constexpr int winograd_most_blocks = 4;

// Of one image, whose scratch counts where memory is small: as fast as 64 (a ResNet-20's inference, within 0.5 %).
inline constexpr int winograd_most_tiles_of_one = 32;

constexpr WinogradPass winograd_pass(Shape from, Shape to, int padding, int out, int lanes, std::size_t scalar_bytes,
                                     bool wide = false, int most_tiles = winograd_most_tiles) {
    WinogradPass p;
    p.from = from;
    p.to = to;
    p.padding = padding;
    p.lanes = lanes;
    p.wide = wide;
    p.out = out;
    p.positions = (out + 2) * (out + 2);
    p.in_blocks = blocks_of(from.channels, lanes);
    p.out_blocks = blocks_of(to.channels, lanes);
    p.last_in = from.channels - (p.in_blocks - 1) * lanes;
    p.last_out = to.channels - (p.out_blocks - 1) * lanes;
    p.tile_rows = (to.height + out - 1) / out;
    p.tile_columns = (to.width + out - 1) / out;

    const Size of_a_tile = static_cast<Size>(p.positions) * static_cast<Size>(p.in_blocks * lanes) * scalar_bytes;
    const int fewest = wide ? winograd_most_tiles : winograd_fewest_tiles;
    const int wanted = std::clamp(static_cast<int>(winograd_group_bytes / of_a_tile), fewest, most_tiles);
    const int of_an_image = p.tile_rows * p.tile_columns;
    if (of_an_image <= wanted) {
        p.group_images = wanted / of_an_image;
        p.group_rows = p.tile_rows;
    } else {
        // Bands of nearly one height.
        const int most = std::max(1, wanted / p.tile_columns);
        const int bands = (p.tile_rows + most - 1) / most;
        p.group_rows = (p.tile_rows + bands - 1) / bands;
    }
    p.set_group_tiles(p.group_images * p.group_rows * p.tile_columns);
    p.weight_step = (static_cast<Offset>(p.in_blocks) * lanes + 1) * lanes;
    p.sum_step = (static_cast<Offset>(p.in_blocks) * p.out_blocks * lanes + 1) * lanes;
    p.padded_rows = p.group_rows * out + 2;
    p.padded_width = p.tile_columns * out + 2;
    p.padded = static_cast<Size>(wide ? 1 : p.group_images * p.in_blocks) * static_cast<Size>(p.padded_rows) *
               static_cast<Size>(p.padded_width) * static_cast<Size>(lanes);
    p.sums = static_cast<Size>(p.positions) * static_cast<Size>(p.sum_step);
    return p;
}

// Some tiles of a group: a band of rows of tiles, of some images.
struct WinogradGroup {
    int first_image = 0;
    int images = 1;
    int first_row = 0;  // of tiles
    int rows = 1;

    constexpr int tiles(const WinogradPass& p) const { return images * tiles_of_image(p); }
    constexpr int tiles_of_image(const WinogradPass& p) const { return rows * p.tile_columns; }
    constexpr Range all_images() const { return {first_image, first_image + images}; }
    constexpr WinogradGroup of_image(int image) const { return {first_image + image, 1, first_row, rows}; }

    constexpr void set_band(const WinogradPass& p, int band) {
        first_row = band * p.group_rows;
        rows = std::min(p.group_rows, p.tile_rows - first_row);
    }
};

// The images of a unit of work, of n images; which of its bands is set then.
constexpr WinogradGroup winograd_group(const WinogradPass& p, int unit, int n) {
    const int first = unit * p.group_images;
    return {first, std::min(p.group_images, n - first), 0, p.tile_rows};
}

// The tiles of an image.
constexpr int winograd_tiles(Shape to, int out) { return ((to.height + out - 1) / out) * ((to.width + out - 1) / out); }

// How many multiplications a tile saves, of those of a direct convolution: above 1 it is fewer. Rows beyond the image count.
constexpr double winograd_saving(Shape to, int out) {
    const double computed = static_cast<double>(winograd_tiles(to, out)) * (out + 2) * (out + 2);
    return static_cast<double>(to.pixels()) * 9 / computed;
}

}  // namespace residua::inline RESIDUA_ISA::kernels
