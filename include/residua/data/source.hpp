// How images are read, whatever kind of data set they are of: so that batches of all kinds are one class.
#pragma once

#include <residua/data/augment.hpp>
#include <residua/data/image_source.hpp>

#include <string>

namespace residua::inline RESIDUA_ISA::data::detail {

// A data set of any kind. The type of the pixels, and where they are, is known behind these functions alone.
template <class T>
struct Source {
    const void* set = nullptr;
    int size = 0;

    // Image i, normalised into `to`; gives its label.
    int (*read)(const void* set, Size i, const Look&, const Normalisation&, Placement, T* to) = nullptr;

    // Its pixels as they are before normalisation, and its label.
    int (*read_pixels)(const void* set, Size i, const Look&, std::span<T> to) = nullptr;

    // Error: images cannot be looked at like this.
    void (*expect_can)(const void* set, const Look&) = nullptr;
};

template <class Pixel, class T>
void read_values(const Pixel* from, std::span<T> to) {
    for (Size p = 0; p < to.size(); ++p) to[p] = value_of<T>(from[p]);
}

// Images in memory are of the size that they have.
template <class T, class Pixel>
Source<T> source_of(const std::string& who, const DatasetOf<Pixel>& set, const Normalisation& normalisation) {
    using Set = DatasetOf<Pixel>;
    expect_fits(who, set, normalisation);
    Source<T> source{&set, set.size()};
    source.read = [](const void* from, Size i, const Look&, const Normalisation& n, Placement placement, T* to) -> int {
        const auto& images = *static_cast<const Set*>(from);
        normalise(images.image_at(i), n, placement, to);
        return images.labels[i];
    };
    source.read_pixels = [](const void* from, Size i, const Look&, std::span<T> to) -> int {
        const auto& images = *static_cast<const Set*>(from);
        read_values(images.image_at(i), to);
        return images.labels[i];
    };
    source.expect_can = [](const void*, const Look& look) {
        if (!look.is_random()) return;
        fail(
            "residua: batches: expected neither a random shorter side nor scale and aspect, which are for images of sizes of "
            "their own");
    };
    return source;
}

inline std::vector<std::uint8_t> pixels_of(const ImageSource& set, Size i, const Look& look) {
    std::vector<std::uint8_t> pixels(set.image.size());
    set.read(i, look, pixels);
    return pixels;
}

template <class T>
Source<T> source_of(const std::string& who, const ImageSource& set, const Normalisation& normalisation) {
    expect_consistent(set);
    expect_fits<std::uint8_t>(who, set.image, normalisation);
    Source<T> source{&set, set.size()};
    source.read = [](const void* from, Size i, const Look& look, const Normalisation& n, Placement placement, T* to) -> int {
        const auto& images = *static_cast<const ImageSource*>(from);
        normalise(pixels_of(images, i, look).data(), n, placement, to);
        return images.labels[i];
    };
    source.read_pixels = [](const void* from, Size i, const Look& look, std::span<T> to) -> int {
        const auto& images = *static_cast<const ImageSource*>(from);
        read_values(pixels_of(images, i, look).data(), to);
        return images.labels[i];
    };
    source.expect_can = [](const void* from, const Look& look) { static_cast<const ImageSource*>(from)->expect_can(look); };
    return source;
}

}  // namespace residua::inline RESIDUA_ISA::data::detail
