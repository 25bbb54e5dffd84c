// What a step of training or of inference takes of a data set.
#pragma once

#include <residua/core/error.hpp>
#include <residua/core/shape.hpp>

#include <cstdint>
#include <span>

namespace residua::inline RESIDUA_ISA::data {

// n normalised images ([n][channels][height][width]) and their labels. T is the network's scalar.
template <class T>
struct BatchOf {
    int n = 0;
    const T* images = nullptr;
    const int* labels = nullptr;
    std::int64_t step = 0;  // counted from the beginning of training, or of one passage through a data set
    std::int64_t epoch = 0;
    Size image = 0;  // values of one image

    // All values of the images, as an Inference engine takes them.
    std::span<const T> values() const { return {images, static_cast<Size>(n) * image}; }
};
using Batch = BatchOf<float>;

namespace detail {

inline void expect_batch(const char* who, int batch) {
    if (batch < 1) fail({"residua: ", who, ": expected at least 1 image a batch, found ", batch});
}

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA::data
