// Images of 8-bit pixels as an engine takes them: how a pixel becomes an input is known to the compiler.
#pragma once

#include <residua/core/shape.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <span>

namespace residua::inline RESIDUA_ISA {

// [n][height][width][channels], pixels of 0 to 255. An input is (pixel / 255 - mean) / deviation of its channel, which
// Normalisation has:
//
//   struct Grey {
//       static constexpr std::array mean{0.2860};
//       static constexpr std::array deviation{0.3530};
//   };
//   engine(Pixels<Grey>{bytes}, workspace)
template <class Normalisation>
struct Pixels {
    std::span<const std::uint8_t> values;
};

// The input that each pixel becomes, [channels][256]: rounded as torchvision's ToTensor and Normalize round it; what is too small
// to be normal is zero.
template <class T, class Normalisation>
constexpr auto input_of_pixel() {
    constexpr Size channels = Normalisation::mean.size();
    static_assert(channels == Normalisation::deviation.size(), "residua: expected as many deviations as means");
    std::array<std::array<T, 256>, channels> inputs{};
    for (Size c = 0; c < channels; ++c) {
        for (int pixel = 0; pixel < 256; ++pixel) {
            const T centred = T(pixel) / T(255) - T(Normalisation::mean[c]);
            const T input = centred / T(Normalisation::deviation[c]);
            const bool is_normal = input >= std::numeric_limits<T>::min() || input <= -std::numeric_limits<T>::min();
            inputs[c][static_cast<Size>(pixel)] = is_normal ? input : T(0);
        }
    }
    return inputs;
}

namespace imagenet {

// Of torchvision's networks, and of many others: red, green, blue.
struct Normalisation {
    static constexpr std::array mean{0.485, 0.456, 0.406};
    static constexpr std::array deviation{0.229, 0.224, 0.225};
};

}  // namespace imagenet

}  // namespace residua::inline RESIDUA_ISA
