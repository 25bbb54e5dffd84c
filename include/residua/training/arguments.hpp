// What a step is given: images, as a span or in a batch, and labels or a loss.
#pragma once

#include <residua/core/error.hpp>
#include <residua/core/shape.hpp>
#include <residua/training/loss.hpp>

#include <algorithm>
#include <concepts>
#include <cstdio>
#include <limits>
#include <span>
#include <string>
#include <type_traits>

namespace residua::inline RESIDUA_ISA {

// n images of one shape ([n][channels][height][width]) and their labels: data::BatchOf, or a struct of the user's. T is the
// network's scalar.
template <class B, class T>
concept IsBatch = requires(const B& batch) {
    { batch.n } -> std::convertible_to<int>;
    { batch.shape } -> std::convertible_to<Shape>;
    { batch.images } -> std::convertible_to<std::span<const T>>;
    { batch.labels } -> std::convertible_to<std::span<const int>>;
};

namespace detail {

inline std::string in_words(Shape shape) {
    char text[48];
    std::snprintf(text, sizeof text, "%dx%dx%d", shape.channels, shape.height, shape.width);
    return text;
}

// The images of a batch. Errors: they are of another shape than the network's; not as many values as n images have.
inline void expect_images(Shape expected, Shape found, int n, Size values) {
    if (found != expected) {
        fail({"residua: a step: expected images of ", in_words(expected), ", found a batch of ", in_words(found)});
    }
    if (n < 0 || values != static_cast<Size>(n) * expected.size()) {
        fail({"residua: a step: expected as many images as the batch says, ", n, ", found ", values, " values, ", expected.size(),
              " an image of ", in_words(expected)});
    }
}

// How many images these are. Error: no whole number of them.
inline int images_in(Size values, Shape image) {
    if (values % image.size() != 0) {
        fail({"residua: a step: expected a whole number of images of ", in_words(image), ", ", image.size(),
              " values each, found ", values, " values"});
    }
    return static_cast<int>(std::min(values / image.size(), static_cast<Size>(std::numeric_limits<int>::max())));
}

template <class L>
concept AreLabels = std::convertible_to<const L&, std::span<const int>>;

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA
