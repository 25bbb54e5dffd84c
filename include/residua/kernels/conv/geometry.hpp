// What a convolution kernel is generated for.
#pragma once

#include <residua/core/shape.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

// Input, output and window of a convolution; groups divide the channels of both.
struct ConvGeometry {
    Shape in;
    Shape out;
    Window window;
    int groups = 1;

    constexpr int inputs_a_group() const { return in.channels / groups; }
    constexpr int outputs_a_group() const { return out.channels / groups; }

    friend constexpr bool operator==(const ConvGeometry&, const ConvGeometry&) = default;
};

// What a convolution reads: x, or relu(scale[c] x + shift[c]) where scale is not null ([padded channels] each).
template <class T>
struct ConvInput {
    const T* data = nullptr;
    const T* scale = nullptr;
    const T* shift = nullptr;
};

}  // namespace residua::inline RESIDUA_ISA::kernels
