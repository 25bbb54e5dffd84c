// An image with zeros beside its rows, in a worker's scratch: so that convolutions need not know where a row ends, and activate
// while they load.
#pragma once

#include <residua/kernels/conv/source.hpp>

#include <cstring>

namespace residua::inline RESIDUA_ISA::kernels {

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

}  // namespace residua::inline RESIDUA_ISA::kernels
