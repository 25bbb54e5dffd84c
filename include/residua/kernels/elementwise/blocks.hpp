// Images in blocks of channels, as kernels walk over them.
//
// Unless a kernel says otherwise its pointers are to one image, [blocks][height][width][lanes], and `blocks` says which of its
// blocks to work on. Lanes beyond the last channel stay zero.
#pragma once

#include <residua/core/parallel.hpp>
#include <residua/simd/line.hpp>

#include <cstring>

namespace residua::inline RESIDUA_ISA::kernels {

// Where block b lies, how many vectors it has, and how many of its lanes are channels.
struct Block {
    Size offset = 0;
    Size vectors = 0;
    int real = 0;
};
template <class T>
constexpr Block block_of(Shape s, int b) {
    constexpr int lanes = simd::lanes<T>;
    const int left = s.channels - b * lanes;
    return {static_cast<Size>(b) * s.pixels() * lanes, s.pixels(), left < lanes ? left : lanes};
}

template <bool Accumulates, class T>
RESIDUA_INLINE void put(T* y, simd::Line<T> value) {
    if constexpr (Accumulates) value = value + simd::load(y);
    simd::store(y, value);
}

template <class T>
void clear_blocks(T* image, Shape s, Range blocks) {
    const Size block = s.pixels() * simd::lanes<T>;
    std::memset(image + static_cast<Size>(blocks.begin) * block, 0,
                static_cast<Size>(blocks.end - blocks.begin) * block * sizeof(T));
}

}  // namespace residua::inline RESIDUA_ISA::kernels
