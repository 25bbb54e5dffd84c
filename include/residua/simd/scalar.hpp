// Scalar twins of what line.hpp does with lines, so that a formula can be written once for both.
#pragma once

#include <residua/simd/isa.hpp>

#include <bit>
#include <cmath>
#include <cstdint>

namespace residua::inline RESIDUA_ISA::simd {

// a b + c, rounded once where the processor can. A product that goes into a sum is always written so: whether a compiler makes
// one rounding or two of `a * b + c` is up to it and to its options.
#if RESIDUA_HAS_FMA
RESIDUA_INLINE float fma(float a, float b, float c) { return std::fma(a, b, c); }
RESIDUA_INLINE double fma(double a, double b, double c) { return std::fma(a, b, c); }
#else
RESIDUA_INLINE float fma(float a, float b, float c) { return a * b + c; }
RESIDUA_INLINE double fma(double a, double b, double c) { return a * b + c; }
#endif

// condition ? a : b
RESIDUA_INLINE float select(bool condition, float a, float b) { return condition ? a : b; }
RESIDUA_INLINE double select(bool condition, double a, double b) { return condition ? a : b; }

// x 2^n for whole numbers n of -126 to 127 (float) and of -1022 to 1023 (double), rounded once.
RESIDUA_INLINE float scaled(float x, float n) {
    return x * std::bit_cast<float>(static_cast<std::uint32_t>(static_cast<std::int32_t>(n) + 127) << 23);
}
RESIDUA_INLINE double scaled(double x, double n) {
    return x * std::bit_cast<double>(static_cast<std::uint64_t>(static_cast<std::int64_t>(n) + 1023) << 52);
}

// The square root is rounded right by the standard. (Here so that a formula finds it beside a line's.)
RESIDUA_INLINE float sqrt(float x) { return std::sqrt(x); }
RESIDUA_INLINE double sqrt(double x) { return std::sqrt(x); }

}  // namespace residua::inline RESIDUA_ISA::simd
