// Clips gradients by their norm (Pascanu et al. 2013), between the halves of a step.
#pragma once

#include <residua/core/error.hpp>
#include <residua/simd/scalar.hpp>

#include <cmath>
#include <span>

namespace residua::inline RESIDUA_ISA {

// Scales gradients whose Euclidean norm is above `most` down to it, by most / norm, and gives the norm that they had:
// clip_gradients(trainer.gradients(), 1.0). The norm is computed in double and in the order of memory, so that its bits depend on
// no number of threads. One that is not finite is given back, and the gradients stay as they are. Error: `most` is not a finite
// number above 0.
template <class T>
double clip_gradients(std::span<T> gradients, double most) {
    if (!(std::isfinite(most) && most > 0)) {
        fail({"residua: clipping: expected a norm that is a finite number above 0, found ", shown(most)});
    }
    double squares = 0;
    for (const T g : gradients) squares = simd::fma(static_cast<double>(g), static_cast<double>(g), squares);
    const double norm = std::sqrt(squares);
    if (std::isfinite(norm) && norm > most) {
        const double factor = most / norm;
        for (T& g : gradients) g = static_cast<T>(static_cast<double>(g) * factor);
    }
    return norm;
}

}  // namespace residua::inline RESIDUA_ISA
