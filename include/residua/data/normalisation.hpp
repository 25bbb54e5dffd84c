// How pixels become what a network reads.
#pragma once

#include <residua/data/dataset.hpp>
#include <residua/simd/scalar.hpp>

namespace residua::inline RESIDUA_ISA::data {

// value = (x - mean) scale, with a mean for each pixel and a scale for each channel; x is pixel / 255 of an 8-bit data set, the
// pixel itself of a float one.
struct Normalisation {
    Shape image;
    std::vector<float> mean;   // [channels][height][width]
    std::vector<float> scale;  // [channels]
};

// Error: means or scales that are not as many as belong to `image`.
inline void expect_consistent(const Normalisation& n) {
    detail::expect_image("normalisation", n.image);
    detail::expect_count("normalisation", n.image.size(), "means, one a pixel", n.mean.size());
    detail::expect_count("normalisation", static_cast<Size>(n.image.channels), "scales, one a channel", n.scale.size());
}

namespace detail {

// The pixel that is read as 1.
template <class Pixel>
inline constexpr int one_of = std::same_as<Pixel, std::uint8_t> ? 255 : 1;

// Errors of who reads images of this shape through a normalisation (`who`): its own; images of another shape; a mean or a scale
// that is no number; a mean that no 8-bit pixel can have, which is one of 0 to 255 where one of 0 to 1 is meant.
template <class Pixel>
void expect_fits(const std::string& who, Shape image, const Normalisation& n) {
    expect_consistent(n);
    if (n.image != image) {
        fail("residua: " + who + ": expected a normalisation for images of " + shown(image) + ", found one for " +
             shown(n.image));
    }
    for (const float scale : n.scale) {
        if (std::isfinite(scale)) continue;
        fail("residua: " + who + ": expected a finite scale, found " + shown(static_cast<double>(scale)));
    }
    for (const float mean : n.mean) {
        if (one_of<Pixel> == 1 ? std::isfinite(mean) : mean >= 0 && mean <= 1) continue;
        const char* expected =
            one_of<Pixel> == 1 ? "expected a finite mean, found " : "expected means of 0 to 1, as of pixel / 255, found ";
        fail("residua: " + who + ": " + expected + shown(static_cast<double>(mean)));
    }
}

// Of a data set: its errors, too.
template <class Pixel>
void expect_fits(const std::string& who, const DatasetOf<Pixel>& set, const Normalisation& n) {
    expect_consistent(set);
    expect_fits<Pixel>(who, set.image, n);
}

struct ChannelMoments {
    double mean = 0;
    double variance = 0;
    double least_deviation = 0;  // below which it is none
};

// Whole numbers are summed, so that there is no order to depend on. Below a deviation of 1e-4 all pixels but one in 1500 have the
// same grey level: a scale would be made of rounding errors, or turn one odd pixel into the largest input of all.
inline ChannelMoments moments_of(const Dataset& set, Size c) {
    std::uint64_t sum = 0;
    std::uint64_t squares = 0;
    const Size pixels = set.image.pixels();
    for (Size i = 0; i < static_cast<Size>(set.size()); ++i) {
        const std::uint8_t* from = set.image_at(i) + c * pixels;
        for (Size p = 0; p < pixels; ++p) {
            sum += from[p];
            squares += static_cast<std::uint64_t>(from[p]) * from[p];
        }
    }
    const double count = static_cast<double>(pixels) * set.size();
    const double mean = static_cast<double>(sum) / count / 255;
    return {mean, simd::fma(-mean, mean, static_cast<double>(squares) / count / 255 / 255), 1e-4};
}

// Floats are summed in double and in their order, deviations from the mean apart: their mean may be far from zero. Of no unit, so
// that the least deviation is a share of the largest value, 16 times what a float's rounding makes of it.
template <class Pixel>
ChannelMoments moments_of(const DatasetOf<Pixel>& set, Size c) {
    const Size pixels = set.image.pixels();
    const auto mean_of = [&](auto with) {
        double sum = 0;
        for (Size i = 0; i < static_cast<Size>(set.size()); ++i) {
            const Pixel* from = set.image_at(i) + c * pixels;
            for (Size p = 0; p < pixels; ++p) sum = with(static_cast<double>(from[p]), sum);
        }
        return sum / (static_cast<double>(pixels) * set.size());
    };
    double largest = 0;
    const double mean = mean_of([&](double x, double sum) {
        largest = std::max(largest, std::abs(x));
        return sum + x;
    });
    const double variance = mean_of([&](double x, double sum) { return simd::fma(x - mean, x - mean, sum); });
    constexpr double smallest = 1e-37;  // its inverse is a float
    return {mean, variance, std::max(1e-6 * largest, smallest)};
}

}  // namespace detail

// None: bytes as pixel / 255, floats as they are. (For floats that are normalised already, by a scale a pixel for one.)
inline Normalisation no_normalisation(Shape image) {
    detail::expect_image("normalisation", image);
    return {image, std::vector<float>(image.size()), std::vector<float>(static_cast<Size>(image.channels), 1.0F)};
}

// The mean of each pixel over a data set, and no scale: what the paper does. Errors: of expect_consistent.
template <class Pixel>
Normalisation per_pixel_mean(const DatasetOf<Pixel>& set) {
    using Sum = std::conditional_t<std::same_as<Pixel, std::uint8_t>, std::uint64_t, double>;
    expect_consistent(set);
    std::vector<Sum> sums(set.image.size());
    for (Size i = 0; i < static_cast<Size>(set.size()); ++i) {
        for (Size p = 0; p < sums.size(); ++p) sums[p] += static_cast<Sum>(set.image_at(i)[p]);
    }
    Normalisation result{set.image, {}, std::vector<float>(static_cast<Size>(set.image.channels), 1.0F)};
    for (const Sum sum : sums) {
        result.mean.push_back(static_cast<float>(static_cast<double>(sum) / set.size() / detail::one_of<Pixel>));
    }
    return result;
}

// The mean and the standard deviation of each channel of a data set. A channel that hardly varies has scale 1. Errors: of
// expect_consistent.
template <class Pixel>
Normalisation per_channel(const DatasetOf<Pixel>& set) {
    expect_consistent(set);
    Normalisation result{set.image, {}, {}};
    for (Size c = 0; c < static_cast<Size>(set.image.channels); ++c) {
        const detail::ChannelMoments moments = detail::moments_of(set, c);
        const bool varies = moments.variance >= moments.least_deviation * moments.least_deviation;
        result.mean.insert(result.mean.end(), set.image.pixels(), static_cast<float>(moments.mean));
        result.scale.push_back(static_cast<float>(varies ? 1 / std::sqrt(moments.variance) : 1.0));
    }
    return result;
}

// A given mean and standard deviation for each channel, for images of this shape. They are on the scale of what is read: for
// 8-bit pixels that of pixel / 255, in [0, 1], as of torchvision's Normalize(mean, std); for float pixels their own. Errors: not
// one of each a channel; a mean that is not finite; a deviation that is not above zero, or so small that its inverse is no float.
inline Normalisation per_channel(Shape image, const std::vector<double>& mean, const std::vector<double>& deviation) {
    detail::expect_image("normalisation", image);
    detail::expect_count("normalisation", static_cast<Size>(image.channels), "means, one a channel", mean.size());
    detail::expect_count("normalisation", static_cast<Size>(image.channels), "deviations, one a channel", deviation.size());
    Normalisation result{image, {}, {}};
    for (Size c = 0; c < mean.size(); ++c) {
        const auto expect = [&](bool right, const char* what, double found) {
            if (right) return;
            fail("residua: normalisation: expected " + std::string(what) + " for channel " + std::to_string(c) + ", found " +
                 shown(found));
        };
        const auto value = static_cast<float>(mean[c]);
        const auto scale = static_cast<float>(1 / deviation[c]);
        expect(std::isfinite(value), "a finite mean", mean[c]);
        expect(scale > 0 && std::isfinite(scale), "a finite deviation above 0", deviation[c]);
        result.mean.insert(result.mean.end(), image.pixels(), value);
        result.scale.push_back(scale);
    }
    return result;
}

}  // namespace residua::inline RESIDUA_ISA::data
