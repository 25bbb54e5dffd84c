// An image with zeros beside its rows, in a worker's scratch: so that convolutions need not know where a row ends, and activate
// while they load.
#pragma once

#include <residua/kernels/conv/source.hpp>

#include <cstring>

namespace residua::inline RESIDUA_ISA::kernels {

// From one pixel to the next in the copy of a stem's input, which has one to four channels: a line for each would make of an
// image of 32x32 more than the first-level cache holds. (An Intel Xeon's stems have 68 and 84 % of its peak, with lines 56
// and 73.)
inline constexpr int stem_pixel = 4;

// The image's place in its padded copy, which has the same rows.
struct Halo {
    int height = 0;
    int width = 0;  // of the copy
    int left = 0;

    constexpr Size pixels() const { return static_cast<Size>(height) * static_cast<Size>(width); }
};

// halo = x, as ConvInput says of one image, with zeros left and right of it.
//
//   x      [blocks][in.height][in.width][lanes], one image
//   halo   [blocks][in.height][halo.width][lanes]
template <class T>
__attribute__((noinline)) void copy_with_halo(ConvInput<T> x, Shape in, const Halo& at, T* halo) {
    constexpr Size lanes = simd::lanes<T>;
    const Size width = static_cast<Size>(in.width) * lanes;
    const Size height = static_cast<Size>(in.height);
    const Size left = static_cast<Size>(at.left) * lanes;
    const Size right = static_cast<Size>(at.width) * lanes - width - left;
    const int blocks = blocks_of(in.channels, simd::lanes<T>);

    for (int b = 0; b < blocks; ++b) {
        const Size channel = static_cast<Size>(b) * lanes;
        T* to = halo + static_cast<Size>(b) * at.pixels() * lanes;

        for (Size y = 0; y < height; ++y) {
            std::memset(to, 0, left * sizeof(T));
            to += left;
            read_lines(x, (static_cast<Size>(b) * height + y) * width, channel, width, to);
            to += width;
            std::memset(to, 0, right * sizeof(T));
            to += right;
        }
    }
}

// The same of one block, of which the first channels alone are copied.
//
//   x      [in.height][in.width][lanes], one image
//   halo   [in.height][halo.width][stem_pixel]
template <class T>
__attribute__((noinline)) void copy_stem_with_halo(ConvInput<T> x, Shape in, const Halo& at, T* halo) {
    constexpr Size lanes = simd::lanes<T>;
    const Size width = static_cast<Size>(in.width);
    const Size left = static_cast<Size>(at.left) * stem_pixel;
    const Size right = (static_cast<Size>(at.width) - width) * stem_pixel - left;

    alignas(simd::line_bytes) T line[lanes];
    const T* from = x.data;
    for (int y = 0; y < in.height; ++y) {
        std::memset(halo, 0, left * sizeof(T));
        halo += left;
        for (Size i = 0; i < width; ++i, from += lanes, halo += stem_pixel) {
            if (x.scale) {
                read_lines(ConvInput<T>{from, x.scale, x.shift}, 0, 0, lanes, line);
            }
            std::memcpy(halo, x.scale ? line : from, stem_pixel * sizeof(T));
        }
        std::memset(halo, 0, right * sizeof(T));
        halo += right;
    }
}

}  // namespace residua::inline RESIDUA_ISA::kernels
