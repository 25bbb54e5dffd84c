// What a layer is in inference that multiplies each channel by a number and adds one.
#pragma once

#include <residua/simd/elementary.hpp>

namespace residua::inline RESIDUA_ISA {

// y = scale x + shift, of one channel.
//
// A layer that is no more than this in inference says `affine_in_inference`, and its bound layer
//
//   static ChannelMap channel_map(const Frame<T>& f, Size channel)     of parameters and statistics
//
// so that a convolution in front of it takes it in (layers/folded.hpp).
struct ChannelMap {
    double scale = 1;
    double shift = 0;

    // Followed by another.
    void then(ChannelMap next) {
        scale = next.scale * scale;
        shift = simd::fma(next.scale, shift, next.shift);
    }
};

}  // namespace residua::inline RESIDUA_ISA
