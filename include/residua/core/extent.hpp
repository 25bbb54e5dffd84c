// How much of each kind of memory a layer occupies; a position in a network is such an extent too.
#pragma once

#include <residua/core/shape.hpp>

#include <algorithm>

namespace residua::inline RESIDUA_ISA {

// Sizes in memory are rounded up to this many scalars, so that whatever is planned begins at a multiple of 64 bytes for any
// number of images.
inline constexpr Size granule = 16;

constexpr Size rounded(Size values) { return (values + granule - 1) / granule * granule; }

// Both a size and a position: a Sequence is a prefix sum, `Repeat<N, U>` is N times the extent of U. All in scalars.
struct Extent {
    Size parameters = 0;  // trained: weights, biases, BN's scale and shift
    Size statistics = 0;  // BN's running mean and variance
    Size prepared = 0;    // made of both once for inference: packed weights, folded scales
    Size fixed = 0;       // from forward to backward, whatever the batch
    Size saved = 0;       // from forward to backward, an image
    Size draws = 0;       // layers that draw random numbers: each one's prefix sum tells its numbers from the others'
    Size units = 0;       // residual units, numbered likewise

    friend constexpr Extent operator+(Extent a, Extent b) {
        return {a.parameters + b.parameters, a.statistics + b.statistics, a.prepared + b.prepared, a.fixed + b.fixed,
                a.saved + b.saved,           a.draws + b.draws,           a.units + b.units};
    }
    friend constexpr Extent operator*(Size n, Extent a) {
        return {n * a.parameters, n * a.statistics, n * a.prepared, n * a.fixed, n * a.saved, n * a.draws, n * a.units};
    }
    friend constexpr bool operator==(const Extent&, const Extent&) = default;
};

// Scratch that is needed only while a layer runs: a part whatever the batch, and a part an image. Also a position in it.
struct Need {
    Size fixed = 0;
    Size image = 0;

    friend constexpr Need operator+(Need a, Need b) { return {a.fixed + b.fixed, a.image + b.image}; }
    friend constexpr Need max(Need a, Need b) { return {std::max(a.fixed, b.fixed), std::max(a.image, b.image)}; }
    friend constexpr bool operator==(const Need&, const Need&) = default;
};

}  // namespace residua::inline RESIDUA_ISA
