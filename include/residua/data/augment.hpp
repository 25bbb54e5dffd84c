// From a data set's pixels to what a network reads: normalised, and augmented.
#pragma once

#include <residua/core/random.hpp>
#include <residua/data/image_source.hpp>
#include <residua/data/normalisation.hpp>

#include <functional>
#include <span>

namespace residua::inline RESIDUA_ISA::data {

// A change of the user's own to one image, [channels][height][width], in place. It is called once for each image of a batch, on
// the thread that prepares batches; what it throws arrives at next(). The key is of (seed, epoch, image) alone: what is drawn by
// it (random::uniform4(key, 0), (key, 1), ...) is the same in any batch, and where a run that was interrupted goes on.
template <class T>
using ImageChange = std::function<void(std::span<T> image, const random::Key& key)>;

// How training images are varied, in this order: what the user does to pixels; a random window of the image's size out of the
// normalised image with zeros of `pad` pixels around it (He et al. 2015: 4), and a flip with probability one half; what the user
// does to what the network will read. T is the network's scalar.
template <class T>
struct AugmentationOf {
    int pad = 0;  // below the image's height and width
    bool flip = false;
    ImageChange<T> on_pixels = {};  // before normalisation: pixel / 255 of bytes, in [0, 1], floats as they are (colour)
    ImageChange<T> on_input = {};   // at the end: around zero, which is the mean of the training images (cutout)
    ShorterSide shorter_side = {};  // before all else, of images from files: their size, and a window of it anywhere
    bool scale_and_aspect =
        false;  // or a window of 8 to 100 % of the area, brought to the size that is read (Szegedy et al. 2015)
};
using Augmentation = AugmentationOf<float>;

// What augmentation does to one image: a window that begins (down, right) pixels from the image's corner, mirrored or not.
struct Placement {
    int down = 0;
    int right = 0;
    bool mirrored = false;
};

// A function of seed, epoch and image alone.
template <class T = float>
Placement placement_of(const AugmentationOf<T>& augmentation, std::uint64_t seed, std::uint64_t epoch, std::uint64_t sample) {
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

namespace detail {

// What a pixel is before normalisation. (A quotient: a product might be contracted with the difference that follows, or not.)
template <class T, class Pixel>
T value_of(Pixel pixel) {
    return static_cast<T>(pixel) / T(one_of<Pixel>);
}

}  // namespace detail

// to = the image at `placement`, normalised, zeros where the window leaves it. Errors: of expect_consistent.
//   from, to   [channels][height][width]
template <class Pixel, class T>
void normalise(const Pixel* from, const Normalisation& n, Placement placement, T* to) {
    expect_consistent(n);
    for (int c = 0; c < n.image.channels; ++c) {
        const Size channel = static_cast<Size>(c) * n.image.pixels();
        const T scale = static_cast<T>(n.scale[static_cast<Size>(c)]);
        for (int row = 0; row < n.image.height; ++row) {
            const int y = row + placement.down;
            for (int column = 0; column < n.image.width; ++column) {
                const int x = (placement.mirrored ? n.image.width - 1 - column : column) + placement.right;
                const bool inside = y >= 0 && y < n.image.height && x >= 0 && x < n.image.width;
                const Size at = channel + static_cast<Size>(y) * static_cast<Size>(n.image.width) + static_cast<Size>(x);
                *to++ = inside ? (detail::value_of<T>(from[at]) - static_cast<T>(n.mean[at])) * scale : T(0);
            }
        }
    }
}

namespace detail {

// The keys of the user's own changes.
enum class Change : std::uint32_t { pixels, input };

inline random::Key key_of(Change change, std::uint64_t seed, std::uint64_t epoch, std::uint64_t sample) {
    return {seed, random::Purpose::augmentation, static_cast<std::uint32_t>(change), epoch, sample};
}

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA::data
