// Labelled images in memory.
#pragma once

#include <residua/core/error.hpp>
#include <residua/core/shape.hpp>

#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

namespace residua::inline RESIDUA_ISA::data {

enum class Part { train, test };

struct Dataset {
    Shape image;
    int classes = 0;                       // 0: not known
    std::vector<std::uint8_t> pixels;      // [images][channels][height][width], 0 to 255
    std::vector<std::uint8_t> labels;      // [images], in [0, classes)
    std::vector<std::string> class_names;  // [classes], or none

    int size() const { return static_cast<int>(labels.size()); }
    const std::uint8_t* image_at(Size i) const { return pixels.data() + i * image.size(); }
};

namespace detail {

inline void expect_label(const std::string& file, Size record, unsigned label, int classes) {
    if (label < static_cast<unsigned>(classes)) return;
    throw Error(file + ": label of image " + std::to_string(record) + ": expected 0 to " + std::to_string(classes - 1) +
                ", found " + std::to_string(label));
}

inline std::string described(Shape image) {
    return std::to_string(image.channels) + "x" + std::to_string(image.height) + "x" + std::to_string(image.width);
}

inline void expect_image(const std::string& what, Shape image) {
    if (image.channels >= 1 && image.height >= 1 && image.width >= 1) return;
    throw Error("residua: " + what + ": expected images of at least 1x1x1, found " + described(image));
}

inline void expect_count(const std::string& what, Size expected, const char* things, Size found) {
    if (expected == found) return;
    throw Error("residua: " + what + ": expected " + std::to_string(expected) + " " + things + ", found " +
                std::to_string(found));
}

}  // namespace detail

// Everything that reads a data set asks this first. Errors: no image, an image of no size; pixels, labels and class names that
// are not as many as belong together; a label that is none of the classes.
inline void expect_consistent(const Dataset& set) {
    constexpr Size most = std::numeric_limits<int>::max();
    detail::expect_image("data set", set.image);
    if (set.labels.empty()) throw Error("residua: data set: expected at least 1 image, found 0");
    if (set.labels.size() > most) {
        throw Error("residua: data set: expected at most " + std::to_string(most) + " images, found " +
                    std::to_string(set.labels.size()));
    }
    detail::expect_count("data set", set.labels.size() * set.image.size(), "pixel values, as many as its labels need",
                         set.pixels.size());

    if (set.classes < 0) throw Error("residua: data set: expected 0 classes or more, found " + std::to_string(set.classes));
    if (!set.class_names.empty()) {
        detail::expect_count("data set", static_cast<Size>(set.classes), "class names", set.class_names.size());
    }
    if (set.classes == 0) return;
    for (Size i = 0; i < set.labels.size(); ++i) detail::expect_label("residua: data set", i, set.labels[i], set.classes);
}

// A number that tells data sets apart: of image size, classes, pixels and labels. (Not against people who mean to deceive.)
inline std::uint64_t content_hash(const Dataset& set) {
    std::uint64_t hash = 0xcbf29ce484222325;
    const auto add = [&](std::uint64_t word) {
        hash = (hash ^ word) * 0x9e3779b97f4a7c15;
        hash ^= hash >> 32;  // (products carry upwards only)
    };
    const auto add_bytes = [&](const std::vector<std::uint8_t>& bytes) {
        add(bytes.size());
        Size at = 0;
        for (; at + 8 <= bytes.size(); at += 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes.data() + at, 8);
            add(word);
        }
        for (; at < bytes.size(); ++at) add(bytes[at]);
    };
    for (const int number : {set.image.channels, set.image.height, set.image.width, set.classes}) {
        add(static_cast<std::uint64_t>(number));
    }
    add_bytes(set.pixels);
    add_bytes(set.labels);
    return hash;
}

}  // namespace residua::inline RESIDUA_ISA::data
