// Labelled images in memory.
#pragma once

#include <residua/core/error.hpp>
#include <residua/core/shape.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace residua::inline RESIDUA_ISA::data {

enum class Part { train, test };

struct Dataset {
    Shape image;
    int classes = 0;
    std::vector<std::uint8_t> pixels;  // [images][channels][height][width], 0 to 255
    std::vector<std::uint8_t> labels;  // [images], in [0, classes)
    std::vector<std::string> class_names;

    int size() const { return static_cast<int>(labels.size()); }
    const std::uint8_t* image_at(Size i) const { return pixels.data() + i * image.size(); }
};

namespace detail {

inline void expect_label(const std::string& file, Size record, unsigned label, int classes) {
    if (label < static_cast<unsigned>(classes)) return;
    throw Error(file + ": label of image " + std::to_string(record) + ": expected 0 to " + std::to_string(classes - 1) +
                ", found " + std::to_string(label));
}

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA::data
