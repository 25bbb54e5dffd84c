// 8-bit pixels, as images are decoded, into blocks of channels.
#pragma once

#include <residua/core/shape.hpp>

#include <array>
#include <cstdint>

namespace residua::inline RESIDUA_ISA::kernels {

// One image, with zeros beyond the last channel: each value is what `inputs` has for its channel and its pixel. One pass.
//   pixels [height][width][channels]   image [blocks][height][width][lanes]
template <Shape S, int Lanes, class T>
__attribute__((noinline)) void pixels_to_blocked(const std::uint8_t* pixels,
                                                 const std::array<std::array<T, 256>, static_cast<Size>(S.channels)>& inputs,
                                                 T* image) {
    constexpr Size lanes = static_cast<Size>(Lanes);
    constexpr Size channels = static_cast<Size>(S.channels);
    constexpr Size blocks = static_cast<Size>(blocks_of(S.channels, Lanes));
    for (Size p = 0; p < S.pixels(); ++p) {
        const std::uint8_t* from = pixels + p * channels;
        for (Size c = 0; c < blocks * lanes; ++c) {
            image[(c / lanes * S.pixels() + p) * lanes + c % lanes] = c < channels ? inputs[c][from[c]] : T(0);
        }
    }
}

}  // namespace residua::inline RESIDUA_ISA::kernels
