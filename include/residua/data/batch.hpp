// What a step of training or of inference takes of a data set.
#pragma once

#include <residua/core/error.hpp>
#include <residua/core/shape.hpp>

#include <cstdint>
#include <span>

namespace residua::inline RESIDUA_ISA::data {

// n normalised images and their labels. T is the network's scalar.
template <class T>
struct BatchOf {
    int n = 0;
    Shape shape;                  // of one image
    std::span<const T> images;    // [n][channels][height][width]
    std::span<const int> labels;  // [n]
    std::int64_t step = 0;        // counted from the beginning of training, or of one passage through a data set
    std::int64_t epoch = 0;
};
using Batch = BatchOf<float>;

namespace detail {

template <class T>
BatchOf<T> batch_of(int n, Shape shape, const T* images, const int* labels, std::int64_t step, std::int64_t epoch) {
    const Size count = static_cast<Size>(n);
    return {n, shape, {images, count * shape.size()}, {labels, count}, step, epoch};
}

inline void expect_batch(const char* who, int batch) {
    if (batch < 1) fail({"residua: ", who, ": expected at least 1 image a batch, found ", batch});
}

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA::data
