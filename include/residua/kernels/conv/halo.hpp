// An image with zeros beside its rows, in a worker's scratch: so that convolutions need not know where a row ends, and activate
// while they load.
#pragma once

#include <residua/kernels/conv/geometry.hpp>
#include <residua/simd/line.hpp>

#include <cstring>

namespace residua::inline RESIDUA_ISA::kernels {

// The image's place in its padded copy, which has the same rows.
struct Halo {
    int height = 0;
    int width = 0;  // of the copy
    int left = 0;

    constexpr Size pixels() const { return static_cast<Size>(height) * static_cast<Size>(width); }
};

// halo = x, or relu(scale x + shift) where the source says so, with zeros left and right of it.
//
//   x      [blocks][in.height][in.width][lanes], one image
//   halo   [blocks][in.height][halo.width][lanes]
template <class T>
__attribute__((noinline)) void copy_with_halo(const T* x, const T* scale, const T* shift, Shape in, const Halo& at, T* halo) {
    using V = simd::Line<T>;
    constexpr Size lanes = simd::lanes<T>;
    const Size width = static_cast<Size>(in.width);
    const Size height = static_cast<Size>(in.height);
    const Size left = static_cast<Size>(at.left) * lanes;
    const Size right = (static_cast<Size>(at.width) - width) * lanes - left;
    const int blocks = blocks_of(in.channels, simd::lanes<T>);

    for (int b = 0; b < blocks; ++b) {
        const V factor = scale ? simd::load(scale + static_cast<Size>(b) * lanes) : V(T(0));
        const V offset = scale ? simd::load(shift + static_cast<Size>(b) * lanes) : V(T(0));
        T* to = halo + static_cast<Size>(b) * at.pixels() * lanes;

        for (Size y = 0; y < height; ++y) {
            std::memset(to, 0, left * sizeof(T));
            to += left;
            if (scale) {
                for (Size k = 0; k < width; ++k) {
                    const V value = simd::fma(factor, simd::load(x + k * lanes), offset);
                    simd::store(to + k * lanes, simd::select(value < V(T(0)), V(T(0)), value));
                }
            } else {
                std::memcpy(to, x, width * lanes * sizeof(T));
            }
            x += width * lanes;
            to += width * lanes;
            std::memset(to, 0, right * sizeof(T));
            to += right;
        }
    }
}

}  // namespace residua::inline RESIDUA_ISA::kernels
