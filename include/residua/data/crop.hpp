// Windows of images.
#pragma once

#include <residua/core/random.hpp>
#include <residua/data/image.hpp>

#include <algorithm>
#include <string>

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
