// Labelled images in memory.
#pragma once

#include <residua/core/error.hpp>
#include <residua/core/shape.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

namespace residua::inline RESIDUA_ISA::data {

// The images to train on, or those to test on.
enum class Part { train, test };

namespace detail {

// (The assertion stands in a class that is only looked at: clang 14 forgets the members of one whose assertion failed.)
template <class Pixel>
struct IsPixel {
    static_assert(std::same_as<Pixel, std::uint8_t> || std::same_as<Pixel, float>,
                  "residua: the pixels of a data set are std::uint8_t or float");
};

}  // namespace detail

// Pixels are 8-bit, 0 to 255, and read as pixel / 255, in [0, 1]; or float, and read as they are, whatever their unit.
template <class Pixel>
struct DatasetOf {
    static_assert(sizeof(detail::IsPixel<Pixel>) > 0);

    Shape image;
    int classes = 0;                       // 0: not known
    std::vector<Pixel> pixels;             // [images][channels][height][width]
    std::vector<std::uint16_t> labels;     // [images], in [0, classes)
    std::vector<std::string> class_names;  // [classes], or none

    int size() const { return static_cast<int>(labels.size()); }
    const Pixel* image_at(Size i) const { return pixels.data() + i * image.size(); }
};
using Dataset = DatasetOf<std::uint8_t>;
using FloatDataset = DatasetOf<float>;

// As many as labels can tell apart.
inline constexpr int most_classes = std::numeric_limits<std::uint16_t>::max() + 1;

namespace detail {

inline void expect_label(const std::string& file, Size record, int label, int classes) {
    if (label >= 0 && label < classes) return;
    fail(file + ": label of image " + std::to_string(record) + ": expected 0 to " + std::to_string(classes - 1) + ", found " +
         std::to_string(label));
}

inline void expect_image(const std::string& what, Shape image) {
    if (image.channels >= 1 && image.height >= 1 && image.width >= 1) return;
    fail("residua: " + what + ": expected images of at least 1x1x1, found " + shown(image));
}

inline void expect_count(const std::string& what, Size expected, const char* things, Size found) {
    if (expected == found) return;
    fail("residua: " + what + ": expected " + std::to_string(expected) + " " + things + ", found " + std::to_string(found));
}

// (Where the pixels are whole images, it may as well be a label that is missing.)
inline void expect_pixels(Shape image, Size labels, Size found) {
    const Size one = image.size();
    if (found == labels * one) return;
    if (found % one == 0) {
        fail({"residua: data set: expected as many labels as images, found ", labels, " labels and ", found / one, " images (",
              found, " pixel values, ", one, " an image)"});
    }
    fail({"residua: data set: expected ", labels * one, " pixel values, ", one, " an image (", shown(image), ") for ", labels,
          " labels, found ", found, ": not a whole number of images"});
}

// NaN and infinity are one pixel's in the data, and after a step every parameter's.
template <class Pixel>
void expect_finite(const DatasetOf<Pixel>& set) {
    if constexpr (!std::same_as<Pixel, std::uint8_t>) {
        const auto wrong = std::find_if(set.pixels.begin(), set.pixels.end(), [](Pixel pixel) { return !std::isfinite(pixel); });
        if (wrong == set.pixels.end()) return;
        const Size at = static_cast<Size>(wrong - set.pixels.begin());
        fail("residua: data set: value " + std::to_string(at % set.image.size()) + " of image " +
             std::to_string(at / set.image.size()) + ": expected a finite number, found " + shown(static_cast<double>(*wrong)));
    }
}

// Of whatever has labels, classes and class_names.
template <class Set>
void expect_labels(const Set& set) {
    if (set.classes < 0) fail("residua: data set: expected 0 classes or more, found " + std::to_string(set.classes));
    if (!set.class_names.empty()) expect_count("data set", static_cast<Size>(set.classes), "class names", set.class_names.size());
    if (set.classes == 0) return;
    for (Size i = 0; i < set.labels.size(); ++i) expect_label("residua: data set", i, set.labels[i], set.classes);
}

template <class Set>
void expect_number_of_images(const Set& set) {
    constexpr Size most = std::numeric_limits<int>::max();
    if (set.labels.empty()) fail("residua: data set: expected at least 1 image, found 0");
    if (set.labels.size() <= most) return;
    fail("residua: data set: expected at most " + std::to_string(most) + " images, found " + std::to_string(set.labels.size()));
}

}  // namespace detail

// Everything that reads a data set asks this first. Errors: no image, an image of no size; pixels, labels and class names that
// are not as many as belong together; a label that is none of the classes; a pixel that is not finite.
template <class Pixel>
void expect_consistent(const DatasetOf<Pixel>& set) {
    detail::expect_image("data set", set.image);
    detail::expect_number_of_images(set);
    detail::expect_pixels(set.image, set.labels.size(), set.pixels.size());
    detail::expect_labels(set);
    detail::expect_finite(set);
}

// How many images each class has: [classes]. Errors: of expect_consistent; classes that are not known.
template <class Pixel>
std::vector<int> images_per_class(const DatasetOf<Pixel>& set) {
    expect_consistent(set);
    if (set.classes == 0) fail("residua: images per class: expected a data set of 1 class or more, found 0 (not known)");
    std::vector<int> counts(static_cast<Size>(set.classes));
    for (const std::uint16_t label : set.labels) ++counts[label];
    return counts;
}

// A number that tells data sets apart: of image size, classes, pixels and labels. (Not against people who mean to deceive.)
template <class Pixel>
std::uint64_t content_hash(const DatasetOf<Pixel>& set) {
    std::uint64_t hash = 0xcbf29ce484222325;
    const auto add = [&](std::uint64_t word) {
        hash = (hash ^ word) * 0x9e3779b97f4a7c15;
        hash ^= hash >> 32;  // (products carry upwards only)
    };
    const auto add_bytes = [&](const void* from, Size size) {
        const auto* bytes = static_cast<const std::uint8_t*>(from);
        add(size);
        Size at = 0;
        for (; at + 8 <= size; at += 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes + at, 8);
            add(word);
        }
        for (; at < size; ++at) add(bytes[at]);
    };
    for (const int number : {set.image.channels, set.image.height, set.image.width, set.classes}) {
        add(static_cast<std::uint64_t>(number));
    }
    add_bytes(set.pixels.data(), set.pixels.size() * sizeof(Pixel));

    // Labels as bytes, and only where there are more than 256 classes their upper halves: hashes stand in checkpoints, and are
    // those of labels of one byte.
    std::vector<std::uint8_t> bytes(set.labels.size());
    const auto add_labels = [&](int shift) {
        for (Size i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(set.labels[i] >> shift);
        add_bytes(bytes.data(), bytes.size());
    };
    add_labels(0);
    if (std::any_of(set.labels.begin(), set.labels.end(), [](std::uint16_t label) { return label > 255; })) add_labels(8);
    if constexpr (!std::same_as<Pixel, std::uint8_t>) add(sizeof(Pixel));
    return hash;
}

}  // namespace residua::inline RESIDUA_ISA::data
