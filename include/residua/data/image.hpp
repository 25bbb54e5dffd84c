// An image as files hold it.
#pragma once

#include <residua/core/shape.hpp>
#include <residua/io/input_file.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace residua::inline RESIDUA_ISA::data {

// In pixels.
struct ImageSize {
    int height = 0;
    int width = 0;

    constexpr Size pixels() const { return static_cast<Size>(height) * static_cast<Size>(width); }
    friend constexpr bool operator==(const ImageSize&, const ImageSize&) = default;
};

// 8-bit red, green and blue, whatever colours the file has.
struct RgbImage {
    ImageSize size;
    std::vector<std::uint8_t> pixels;  // [height][width][3]
};

// The largest image that is read where nothing else is said: 2^28 values. (Pillow warns from there on.)
inline constexpr Size most_image_pixels = (Size{1} << 28) / 3;

namespace detail {

inline std::string height_by_width(ImageSize size) { return std::to_string(size.height) + "x" + std::to_string(size.width); }

// (Before anything is allocated: a hundred bytes may say that there are four thousand million pixels behind them.)
inline void expect_at_most(const io::InputFile& input, ImageSize size, Size most_pixels) {
    if (size.pixels() <= most_pixels) return;
    input.fail("expected at most " + std::to_string(most_pixels) + " pixels, found " + height_by_width(size));
}

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA::data
