// From bytes to what a network reads: normalisation and augmentation.
#pragma once

#include <residua/core/random.hpp>
#include <residua/data/dataset.hpp>

#include <cmath>

namespace residua::inline RESIDUA_ISA::data {

// value = (pixel / 255 - mean) scale, with a mean for each pixel and a scale for each channel.
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

// The mean of each pixel over a data set, and no scale: what the paper does. Errors: of expect_consistent.
inline Normalisation per_pixel_mean(const Dataset& set) {
    expect_consistent(set);
    std::vector<std::uint64_t> sums(set.image.size());
    for (Size i = 0; i < static_cast<Size>(set.size()); ++i) {
        for (Size p = 0; p < sums.size(); ++p) sums[p] += set.image_at(i)[p];
    }
    Normalisation result{set.image, {}, std::vector<float>(static_cast<Size>(set.image.channels), 1.0F)};
    for (const std::uint64_t sum : sums) result.mean.push_back(static_cast<float>(static_cast<double>(sum) / set.size() / 255));
    return result;
}

// The mean and the standard deviation of each channel. (Whole numbers are summed, so that there is no order to depend on.)
// A channel that hardly varies has scale 1: below a deviation of 1e-4 (all pixels but one in 1500 have the same grey level) a
// scale would be made of rounding errors, or turn one odd pixel into the largest input of all. Errors: of expect_consistent.
inline Normalisation per_channel(const Dataset& set) {
    constexpr double least_deviation = 1e-4;
    expect_consistent(set);
    Normalisation result{set.image, {}, {}};
    const Size pixels = set.image.pixels();
    for (Size c = 0; c < static_cast<Size>(set.image.channels); ++c) {
        std::uint64_t sum = 0;
        std::uint64_t squares = 0;
        for (Size i = 0; i < static_cast<Size>(set.size()); ++i) {
            const std::uint8_t* from = set.image_at(i) + c * pixels;
            for (Size p = 0; p < pixels; ++p) {
                sum += from[p];
                squares += static_cast<std::uint64_t>(from[p]) * from[p];
            }
        }
        const double count = static_cast<double>(pixels) * set.size();
        const double mean = static_cast<double>(sum) / count / 255;
        const double variance = static_cast<double>(squares) / count / 255 / 255 - mean * mean;
        result.mean.insert(result.mean.end(), pixels, static_cast<float>(mean));
        const bool varies = variance >= least_deviation * least_deviation;
        result.scale.push_back(static_cast<float>(varies ? 1 / std::sqrt(variance) : 1.0));
    }
    return result;
}

// Zeros of `pad` pixels around the normalised image and a random window of its size (He et al. 2015: 4); a flip with probability
// one half.
struct Augmentation {
    int pad = 0;  // below the image's height and width
    bool flip = false;
};

// What augmentation does to one image: a window that begins (down, right) pixels from the image's corner, mirrored or not.
struct Placement {
    int down = 0;
    int right = 0;
    bool mirrored = false;
};

// A function of seed, epoch and image alone.
inline Placement placement_of(const Augmentation& augmentation, std::uint64_t seed, std::uint64_t epoch, std::uint64_t sample) {
    Placement result;
    if (augmentation.pad > 0) {
        const random::Key key{seed, random::Purpose::crop, 0, epoch, sample};
        const auto range = static_cast<std::uint32_t>(2 * augmentation.pad + 1);
        result.down = static_cast<int>(random::below(key, 0, range)) - augmentation.pad;
        result.right = static_cast<int>(random::below(key, 1, range)) - augmentation.pad;
    }
    if (augmentation.flip) result.mirrored = random::below({seed, random::Purpose::flip, 0, epoch, sample}, 0, 2) == 1;
    return result;
}

// to = the image at `placement`, normalised, zeros where the window leaves it. Errors: of expect_consistent.
//   from, to   [channels][height][width]
inline void normalise(const std::uint8_t* from, const Normalisation& n, Placement placement, float* to) {
    expect_consistent(n);
    constexpr float full = 1.0F / 255;
    for (int c = 0; c < n.image.channels; ++c) {
        const Size channel = static_cast<Size>(c) * n.image.pixels();
        const float scale = n.scale[static_cast<Size>(c)];
        for (int row = 0; row < n.image.height; ++row) {
            const int y = row + placement.down;
            for (int column = 0; column < n.image.width; ++column) {
                const int x = (placement.mirrored ? n.image.width - 1 - column : column) + placement.right;
                const bool inside = y >= 0 && y < n.image.height && x >= 0 && x < n.image.width;
                const Size at = channel + static_cast<Size>(y) * static_cast<Size>(n.image.width) + static_cast<Size>(x);
                *to++ = inside ? (static_cast<float>(from[at]) * full - n.mean[at]) * scale : 0.0F;
            }
        }
    }
}

}  // namespace residua::inline RESIDUA_ISA::data
