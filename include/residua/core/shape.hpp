// Sizes of what flows through a network, known to the compiler.
#pragma once

#include <residua/simd/isa.hpp>

#include <cstddef>

namespace residua::inline RESIDUA_ISA {

using Size = std::size_t;

// One image's activations: channels of height x width pixels. Vectors (logits) are 1 x 1 images.
struct Shape {
    int channels = 0;
    int height = 1;
    int width = 1;

    constexpr Size pixels() const { return static_cast<Size>(height) * static_cast<Size>(width); }
    constexpr Size size() const { return static_cast<Size>(channels) * pixels(); }

    friend constexpr bool operator==(const Shape&, const Shape&) = default;
};

// Zeros added around an image: so many rows and columns before the first and after the last. A plain number is both.
struct Margins {
    int before = 0;
    int after = 0;

    constexpr Margins(int both) : before(both), after(both) {}
    constexpr Margins(int in_front, int behind) : before(in_front), after(behind) {}

    friend constexpr bool operator==(const Margins&, const Margins&) = default;
};

// A square window that slides over an image: that of a convolution or a pooling.
struct Window {
    int size = 1;
    int stride = 1;
    Margins padding = 0;

    // floor((extent + before + after - size) / stride) + 1, as in PyTorch; zero where the window does not fit.
    constexpr int over(int extent) const {
        const int room = extent + padding.before + padding.after - size;
        return room < 0 ? 0 : room / stride + 1;
    }

    friend constexpr bool operator==(const Window&, const Window&) = default;
};

// A floating-point template argument: clang 14 has none of its own.
struct Real {
    double value = 0;

    constexpr Real(double v) : value(v) {}
    constexpr Real(int v) : value(v) {}  // clang 14 does not take 1 for 1.0 here
};

// Channels are stored in blocks of `lanes`: [block][height][width][lanes]. Lanes beyond the last channel hold zeros, in every
// activation and gradient, unconditionally. With one lane this is NCHW.
constexpr int blocks_of(int channels, int lanes) { return (channels + lanes - 1) / lanes; }

// Channels with those that fill the last block.
constexpr int padded(int channels, int lanes) { return blocks_of(channels, lanes) * lanes; }

// Values that an image of shape `s` occupies.
constexpr Size stored(Shape s, int lanes) { return static_cast<Size>(padded(s.channels, lanes)) * s.pixels(); }

// Where channel c, pixel p lies in an image.
constexpr Size blocked_index(Size pixels, int lanes, int c, Size p) {
    return (static_cast<Size>(c / lanes) * pixels + p) * static_cast<Size>(lanes) + static_cast<Size>(c % lanes);
}

}  // namespace residua::inline RESIDUA_ISA
