// Windows of images.
#pragma once

#include <residua/core/random.hpp>
#include <residua/data/image.hpp>
#include <residua/simd/elementary.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace residua::inline RESIDUA_ISA::data {

// A part of an image, in pixels from its upper left corner.
struct Window {
    int top = 0;
    int left = 0;
    ImageSize size;

    friend constexpr bool operator==(const Window&, const Window&) = default;
};

namespace detail {

inline void expect_size(const char* who, ImageSize size) {
    if (size.height >= 1 && size.width >= 1 && size.pixels() <= most_image_pixels) return;
    fail({"residua: ", who, ": expected a size of at least 1x1 and at most ", most_image_pixels, " pixels, found ",
          height_by_width(size)});
}

inline void expect_image(const char* who, const RgbImage& image) {
    expect_size(who, image.size);
    if (image.pixels.size() == 3 * image.size.pixels()) return;
    fail({"residua: ", who, ": expected ", 3 * image.size.pixels(), " values of an image of ", height_by_width(image.size),
          ", found ", image.pixels.size()});
}

inline void expect_window(const char* who, ImageSize of, const Window& window) {
    const auto fits = [](int begin, int extent, int all) {
        return begin >= 0 && extent >= 1 && extent <= all && begin <= all - extent;
    };
    if (fits(window.top, window.size.height, of.height) && fits(window.left, window.size.width, of.width)) return;
    fail({"residua: ", who, ": expected a window within an image of ", height_by_width(of), ", found one of ",
          height_by_width(window.size), " at row ", window.top, ", column ", window.left});
}

inline void expect_room(const char* who, ImageSize of, ImageSize window) {
    if (window.height >= 1 && window.width >= 1 && window.height <= of.height && window.width <= of.width) return;
    fail({"residua: ", who, ": expected a window of 1x1 to ", height_by_width(of), ", the image's size, found one of ",
          height_by_width(window)});
}

}  // namespace detail

// The window in the middle, as torchvision's CenterCrop has it: half a pixel too many goes to the even side. Error: there is no
// room for it. (torchvision adds a black border.)
inline Window centre_of(ImageSize size, ImageSize window) {
    detail::expect_room("centre crop", size, window);
    const auto half = [](int margin) { return margin / 2 + (margin % 4 == 3 ? 1 : 0); };
    return {half(size.height - window.height), half(size.width - window.width), window};
}

// A window anywhere, each place as likely as each other: a function of the key alone. Error: there is no room for it.
inline Window random_window(ImageSize size, ImageSize window, const random::Key& key) {
    detail::expect_room("random crop", size, window);
    const auto below = [&](std::uint64_t number, int places) {
        return static_cast<int>(random::below(key, number, static_cast<std::uint32_t>(places)));
    };
    return {below(0, size.height - window.height + 1), below(1, size.width - window.width + 1), window};
}

// A window of 8 to 100 % of the image's area, of an aspect of 3:4 to 4:3 (each ratio as likely as its inverse), anywhere: the
// scale and aspect augmentation of Szegedy et al. 2015, as torchvision's RandomResizedCrop has it. Where ten do not fit into the
// image, the largest in the middle that has an aspect within these bounds. A function of the key alone.
inline Window random_area(ImageSize size, const random::Key& key) {
    detail::expect_size("random area", size);
    constexpr double widest = 4.0 / 3;
    random::Key of_place = key;
    ++of_place.index;
    for (std::uint64_t attempt = 0; attempt < 10; ++attempt) {
        const std::array<float, 4> drawn = random::uniform4(key, attempt);
        const double share = simd::fma(0.92, static_cast<double>(drawn[0]), 0.08);
        const double area = share * static_cast<double>(size.pixels());
        const double aspect = simd::exp(simd::log(widest) * (2 * static_cast<double>(drawn[1]) - 1));
        const ImageSize window{static_cast<int>(std::lround(std::sqrt(area / aspect))),
                               static_cast<int>(std::lround(std::sqrt(area * aspect)))};
        const bool fits = window.height >= 1 && window.width >= 1 && window.height <= size.height && window.width <= size.width;
        if (fits) return random_window(size, window, of_place);
    }

    const auto at_most = [&](int side, int other) { return std::min(side, static_cast<int>(std::lround(other * widest))); };
    const ImageSize window{at_most(size.height, size.width), at_most(size.width, size.height)};
    return {(size.height - window.height) / 2, (size.width - window.width) / 2, window};
}

// A part of an image as an image of its own. Error: the window is not within it.
inline RgbImage crop(const RgbImage& from, const Window& part) {
    detail::expect_image("crop", from);
    detail::expect_window("crop", from.size, part);
    RgbImage result{part.size, {}};
    result.pixels.reserve(3 * part.size.pixels());
    const Size values = 3 * static_cast<Size>(part.size.width);
    for (int row = part.top; row < part.top + part.size.height; ++row) {
        const Size at = 3 * (static_cast<Size>(row) * static_cast<Size>(from.size.width) + static_cast<Size>(part.left));
        result.pixels.insert(result.pixels.end(), from.pixels.data() + at, from.pixels.data() + at + values);
    }
    return result;
}
inline RgbImage centre_crop(const RgbImage& from, ImageSize size) { return crop(from, centre_of(from.size, size)); }

}  // namespace residua::inline RESIDUA_ISA::data
