// From a data set's pixels to what a network reads: normalised, and augmented.
#pragma once

#include <residua/core/random.hpp>
#include <residua/data/normalisation.hpp>

namespace residua::inline RESIDUA_ISA::data {

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
template <class Pixel, class T>
void normalise(const Pixel* from, const Normalisation& n, Placement placement, T* to) {
    expect_consistent(n);
    constexpr T inverse = T(1) / T(detail::one_of<Pixel>);
    for (int c = 0; c < n.image.channels; ++c) {
        const Size channel = static_cast<Size>(c) * n.image.pixels();
        const T scale = static_cast<T>(n.scale[static_cast<Size>(c)]);
        for (int row = 0; row < n.image.height; ++row) {
            const int y = row + placement.down;
            for (int column = 0; column < n.image.width; ++column) {
                const int x = (placement.mirrored ? n.image.width - 1 - column : column) + placement.right;
                const bool inside = y >= 0 && y < n.image.height && x >= 0 && x < n.image.width;
                const Size at = channel + static_cast<Size>(y) * static_cast<Size>(n.image.width) + static_cast<Size>(x);
                *to++ = inside ? (static_cast<T>(from[at]) * inverse - static_cast<T>(n.mean[at])) * scale : T(0);
            }
        }
    }
}

namespace detail {

// Image i of a data set, normalised into `to`; gives its label. The type of the pixels is known here alone: batches of bytes and
// of floats are one class.
template <class T>
using ReadImage = int (*)(const void* set, Size i, const Normalisation&, Placement, T* to);

template <class Pixel, class T>
int read_image(const void* set, Size i, const Normalisation& n, Placement placement, T* to) {
    const auto& from = *static_cast<const DatasetOf<Pixel>*>(set);
    normalise(from.image_at(i), n, placement, to);
    return from.labels[i];
}

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA::data
