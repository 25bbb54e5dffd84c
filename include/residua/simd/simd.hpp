// Vectors of the instruction set that is compiled for. The one header that includes xsimd (8.1 to 14) and intrinsics; everything
// here has a twin for plain scalars, so that a formula can be written once.
#pragma once

#include <residua/simd/isa.hpp>

#include <xsimd/xsimd.hpp>

#include <cmath>
#include <cstddef>
#include <utility>

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace residua::inline RESIDUA_ISA::simd {

#ifdef XSIMD_NO_SUPPORTED_ARCHITECTURE
#error "residua: xsimd knows no vectors of this processor; compile for SSE2, AVX2, AVX-512 or NEON"
#endif

template <class T>
using Vector = xsimd::batch<T>;

// Scalars in a vector: the width of a block of channels.
template <class T>
inline constexpr int lanes = static_cast<int>(Vector<T>::size);

// Vector registers: bounds the accumulators of a kernel's tile.
#if defined(__AVX512F__) || defined(__aarch64__)
inline constexpr int registers = 32;
#else
inline constexpr int registers = 16;
#endif

// a b + c. xsimd 8.1 has none for AVX-512 but a * b + c, which clang does not contract: 20 to 30 % of peak lost.
template <class T>
RESIDUA_INLINE Vector<T> fma(Vector<T> a, Vector<T> b, Vector<T> c) {
    return xsimd::fma(a, b, c);
}
#if defined(__AVX512F__)
RESIDUA_INLINE Vector<float> fma(Vector<float> a, Vector<float> b, Vector<float> c) { return _mm512_fmadd_ps(a, b, c); }
RESIDUA_INLINE Vector<double> fma(Vector<double> a, Vector<double> b, Vector<double> c) { return _mm512_fmadd_pd(a, b, c); }
#endif
RESIDUA_INLINE float fma(float a, float b, float c) { return a * b + c; }
RESIDUA_INLINE double fma(double a, double b, double c) { return a * b + c; }

// condition ? a : b
template <class Mask, class T>
RESIDUA_INLINE Vector<T> select(const Mask& condition, Vector<T> a, Vector<T> b) {
    return xsimd::select(condition, a, b);
}
RESIDUA_INLINE float select(bool condition, float a, float b) { return condition ? a : b; }
RESIDUA_INLINE double select(bool condition, double a, double b) { return condition ? a : b; }

template <class T>
RESIDUA_INLINE Vector<T> exp(Vector<T> x) {
    return xsimd::exp(x);
}
RESIDUA_INLINE float exp(float x) { return std::exp(x); }
RESIDUA_INLINE double exp(double x) { return std::exp(x); }

template <class T>
RESIDUA_INLINE Vector<T> erf(Vector<T> x) {
    return xsimd::erf(x);
}
RESIDUA_INLINE float erf(float x) { return std::erf(x); }
RESIDUA_INLINE double erf(double x) { return std::erf(x); }

template <class T>
RESIDUA_INLINE Vector<T> load(const T* aligned) {
    return Vector<T>::load_aligned(aligned);
}
template <class T>
RESIDUA_INLINE Vector<T> load_unaligned(const T* from) {
    return Vector<T>::load_unaligned(from);
}

// Asks for memory that will soon be read (into the second-level cache), or written.
RESIDUA_INLINE void prefetch(const std::byte* at) { __builtin_prefetch(at, 0, 2); }
RESIDUA_INLINE void prefetch_to_write(const std::byte* at) { __builtin_prefetch(at, 1, 3); }

// The sum of the lanes, from the first to the last.
template <class T>
RESIDUA_INLINE T sum(Vector<T> v) {
    alignas(64) T values[lanes<T>];
    v.store_aligned(values);
    T result = values[0];
    for (int l = 1; l < lanes<T>; ++l) result += values[l];
    return result;
}

// v with zeros from lane `count` on, whatever stood there (also NaN).
template <class T>
RESIDUA_INLINE Vector<T> first_lanes(Vector<T> v, int count) {
    alignas(64) T index[lanes<T>];
    for (int l = 0; l < lanes<T>; ++l) index[l] = static_cast<T>(l);
    return xsimd::select(load(index) < Vector<T>(static_cast<T>(count)), v, Vector<T>(T(0)));
}

// Lanes in groups of Width: each lane gets the value of lane `Which` of its own group.
template <int Width, int Which, class T>
RESIDUA_INLINE Vector<T> of_own_group(Vector<T> v) {
    if constexpr (Width == 1) return v;
    return [&]<int... L>(std::integer_sequence<int, L...>) RESIDUA_INLINE_LAMBDA {
        const typename Vector<T>::register_type all = v;
        return Vector<T>(__builtin_shufflevector(all, all, (L / Width * Width + Which)...));
    }
    (std::make_integer_sequence<int, lanes<T>>{});
}

// f(0), f(1), ..., each with a constant: accumulators indexed by it stay in registers on every compiler.
template <int N, class F>
RESIDUA_INLINE void unroll(F&& f) {
    [&]<int... I>(std::integer_sequence<int, I...>) RESIDUA_INLINE_LAMBDA { (f(std::integral_constant<int, I>{}), ...); }
    (std::make_integer_sequence<int, N>{});
}

}  // namespace residua::inline RESIDUA_ISA::simd
