// Plain images (NCHW) into blocks of channels, and back.
#pragma once

#include <residua/kernels/elementwise/blocks.hpp>
#include <residua/simd/elementary.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

template <class T>
struct BlockedImages {
    // One image, NCHW -> blocked, with zeros beyond the last channel, and for what is too small to be normal.
    //   plain [channels][height][width]   image [blocks][height][width][lanes]
    static __attribute__((noinline)) void to_blocked(const T* plain, Shape s, T* image) {
        constexpr int lanes = simd::lanes<T>;
        const Size pixels = s.pixels();
        clear_blocks(image, s, Range{0, blocks_of(s.channels, lanes)});
        for (int c = 0; c < s.channels; ++c) {
            T* to = image + blocked_index(pixels, lanes, c, 0);
            const T* from = plain + static_cast<Size>(c) * pixels;
            for (Size p = 0; p < pixels; ++p) to[p * static_cast<Size>(lanes)] = simd::flushed(from[p]);
        }
    }

    // One image, blocked -> NCHW.
    static __attribute__((noinline)) void from_blocked(const T* image, Shape s, T* plain) {
        constexpr int lanes = simd::lanes<T>;
        const Size pixels = s.pixels();
        for (int c = 0; c < s.channels; ++c) {
            const T* from = image + blocked_index(pixels, lanes, c, 0);
            T* to = plain + static_cast<Size>(c) * pixels;
            for (Size p = 0; p < pixels; ++p) to[p] = from[p * static_cast<Size>(lanes)];
        }
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
