// Sizes of what flows through a network, known to the compiler.
#pragma once

#include <residua/simd/isa.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <type_traits>

namespace residua::inline RESIDUA_ISA {

// Counts and offsets. (64 bits everywhere, so that what the compiler reckons of memory is right on systems of 32 bits, too.)
using Size = std::conditional_t<sizeof(std::size_t) == sizeof(std::uint64_t), std::size_t, std::uint64_t>;

// Bounds on every size, beyond any network that fits into a machine, so that no sum or product of sizes wraps: a single size (of
// channels, rows, a window, units); the pixels of an image; the values of an image or a tensor; the layers of a network.
inline constexpr int largest_size = 1 << 24;
inline constexpr Size most_pixels = Size{1} << 30;
inline constexpr Size most_values = Size{1} << 34;
inline constexpr Size most_layers = Size{1} << 18;

// One image's activations: channels of height x width pixels. Vectors (logits) are 1 x 1 images: Shape{10}.
struct Shape {
    int channels = 0;
    int height = 1;
    int width = 1;

    constexpr Shape() = default;
    constexpr explicit Shape(int of_vector) : channels(of_vector) {}
    constexpr Shape(int a, int b) : channels(a), height(b), width(0) {}  // one was forgotten: whoever is given it says so
    constexpr Shape(int c, int h, int w) : channels(c), height(h), width(w) {}

    constexpr Size pixels() const { return static_cast<Size>(height) * static_cast<Size>(width); }
    constexpr Size size() const { return static_cast<Size>(channels) * pixels(); }

    friend constexpr bool operator==(const Shape&, const Shape&) = default;
};

// The product of sizes from zero up, or most_values + 1 where it is larger than that.
constexpr Size product_of(std::initializer_list<Size> sizes) {
    Size product = 1;
    for (const Size size : sizes) {
        if (size == 0) return 0;
    }
    for (const Size size : sizes) {
        if (product > most_values / size) return most_values + 1;
        product *= size;
    }
    return product;
}

// Is an image of this shape one that a network can hold?
constexpr bool fits(Shape s) {
    const auto in_range = [](int size) { return size >= 1 && size <= largest_size; };
    if (!in_range(s.channels) || !in_range(s.height) || !in_range(s.width)) return false;
    const Size rows = static_cast<Size>(s.height);
    const Size columns = static_cast<Size>(s.width);
    return product_of({rows, columns}) <= most_pixels &&
           product_of({static_cast<Size>(s.channels), rows, columns}) <= most_values;
}

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
