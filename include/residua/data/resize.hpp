// Images of another size, with the pixels of Pillow's Image.resize(..., BILINEAR), and so of torchvision's Resize.
#pragma once

#include <residua/data/crop.hpp>
#include <residua/data/image.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace residua::inline RESIDUA_ISA::data {

namespace detail {

// Along one direction, what each output is made of: `taps` inputs from `first` on, in whole numbers of 2^-22.
struct Resampling {
    Size taps = 0;
    std::vector<Size> first;            // [outputs]
    std::vector<std::int32_t> weights;  // [outputs][taps], the sum of an output's being 2^22 but for rounding
};

inline constexpr int weight_bits = 22;

// A triangle about each output's centre, as wide on either side as an output (or an input, where these are wider): so an image
// that becomes smaller is averaged. With distances in halves of an input over `outputs`, all is in whole numbers up to the
// quotient, and has the same bits on any processor. (Pillow computes it in double; what that rounds is far below 2^-22.)
inline Resampling resampling(int inputs, int outputs, int begin, int end) {
    const std::int64_t half_width = 2 * std::int64_t{std::max(inputs, outputs)};
    const auto weight_of = [&](int input, int output) {
        const std::int64_t distance = std::abs((2 * std::int64_t{input} + 1) * outputs - (2 * std::int64_t{output} + 1) * inputs);
        return std::max<std::int64_t>(half_width - distance, 0);
    };
    // Of inputs that have a weight, there are at most so many, and the first is at or after this place.
    const auto reach = (half_width + outputs - 1) / outputs;
    const auto taps = static_cast<int>(std::min<std::int64_t>(reach + 1, inputs));
    const auto first_of = [&](int output) {
        const std::int64_t left = (2 * std::int64_t{output} + 1) * inputs - half_width;
        const std::int64_t at = left <= 0 ? 0 : left / (2 * std::int64_t{outputs});
        return static_cast<int>(std::min<std::int64_t>(at, inputs - taps));
    };

    Resampling result;
    result.taps = static_cast<Size>(taps);
    for (int output = begin; output < end; ++output) {
        const int first = first_of(output);
        std::int64_t sum = 0;
        for (int tap = 0; tap < taps; ++tap) sum += weight_of(first + tap, output);
        result.first.push_back(static_cast<Size>(first));
        for (int tap = 0; tap < taps; ++tap) {
            const double share = static_cast<double>(weight_of(first + tap, output)) / static_cast<double>(sum);
            result.weights.push_back(static_cast<std::int32_t>(std::lround(share * (1 << weight_bits))));
        }
    }
    return result;
}

inline constexpr std::int32_t one_half = 1 << (weight_bits - 1);

inline std::uint8_t rounded(std::int32_t sum) { return static_cast<std::uint8_t>(std::min(sum >> weight_bits, 255)); }

// These rows of an image, resampled along their width.
inline void resample_rows(const RgbImage& from, Size row, Size rows, const Resampling& across, std::uint8_t* to) {
    const Size from_row = 3 * static_cast<Size>(from.size.width);
    for (const std::uint8_t* line = from.pixels.data() + row * from_row; rows-- > 0; line += from_row) {
        const std::int32_t* weight = across.weights.data();
        for (const Size first : across.first) {
            std::int32_t red = one_half;
            std::int32_t green = one_half;
            std::int32_t blue = one_half;
            const std::uint8_t* pixel = line + 3 * first;
            for (Size tap = 0; tap < across.taps; ++tap, pixel += 3, ++weight) {
                red += *weight * pixel[0];
                green += *weight * pixel[1];
                blue += *weight * pixel[2];
            }
            *to++ = rounded(red);
            *to++ = rounded(green);
            *to++ = rounded(blue);
        }
    }
}

// One row of the result: the sum of `taps` rows of so many values.
inline void resample_column(const std::uint8_t* from, Size values, const std::int32_t* weights, Size taps,
                            std::vector<std::int32_t>& sums, std::uint8_t* to) {
    std::fill(sums.begin(), sums.end(), one_half);
    for (Size tap = 0; tap < taps; ++tap, from += values) {
        const std::int32_t weight = weights[tap];
        for (Size i = 0; i < values; ++i) sums[i] += weight * from[i];
    }
    for (Size i = 0; i < values; ++i) to[i] = rounded(sums[i]);
}

}  // namespace detail

// This window of the image as it would be in that size: the same pixels, and only they are computed. In 8 bits, rows first and
// then columns, each rounded to a grey level. Errors: a size below 1x1, or above most_image_pixels; a window that is not within
// it.
inline RgbImage resize(const RgbImage& from, ImageSize size, const Window& part) {
    detail::expect_image("resize", from);
    detail::expect_size("resize", size);
    detail::expect_window("resize", size, part);
    const detail::Resampling across = detail::resampling(from.size.width, size.width, part.left, part.left + part.size.width);
    const detail::Resampling down = detail::resampling(from.size.height, size.height, part.top, part.top + part.size.height);

    const Size first_row = down.first.front();
    const Size rows = down.first.back() + down.taps - first_row;
    const Size values = 3 * static_cast<Size>(part.size.width);
    std::vector<std::uint8_t> narrowed(rows * values);
    detail::resample_rows(from, first_row, rows, across, narrowed.data());

    RgbImage result{part.size, std::vector<std::uint8_t>(part.size.pixels() * 3)};
    std::vector<std::int32_t> sums(values);
    for (Size row = 0; row < down.first.size(); ++row) {
        detail::resample_column(narrowed.data() + (down.first[row] - first_row) * values, values,
                                down.weights.data() + row * down.taps, down.taps, sums, result.pixels.data() + row * values);
    }
    return result;
}

// All of the image in that size.
inline RgbImage resize(const RgbImage& from, ImageSize size) { return resize(from, size, Window{0, 0, size}); }

// The size of an image whose shorter side is to be `side`, the longer one in proportion and rounded down, as torchvision's
// Resize(side) has it. Errors: a side below 1; a size above most_image_pixels.
inline ImageSize with_shorter_side(ImageSize size, int side) {
    detail::expect_size("shorter side", size);
    if (side < 1) fail({"residua: shorter side: expected at least 1 pixel, found ", side});
    const std::int64_t longer = std::int64_t{side} * std::max(size.height, size.width) / std::min(size.height, size.width);
    if (longer > static_cast<std::int64_t>(most_image_pixels)) {
        fail({"residua: shorter side: expected at most ", most_image_pixels, " pixels, found ", side, " times ", longer});
    }
    const int other = static_cast<int>(longer);
    const ImageSize result = size.height <= size.width ? ImageSize{side, other} : ImageSize{other, side};
    detail::expect_size("shorter side", result);
    return result;
}
inline RgbImage resize_shorter_side(const RgbImage& from, int side) { return resize(from, with_shorter_side(from.size, side)); }

}  // namespace residua::inline RESIDUA_ISA::data
