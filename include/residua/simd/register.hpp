// Registers of the instruction set that is compiled for: xsimd's (8.1 to 14), and what its versions and compilers do not agree
// on. The one header that includes xsimd and intrinsics.
#pragma once

#include <residua/simd/isa.hpp>

// (xsimd, 11 and newer, takes whatever compiles for WebAssembly for Emscripten.)
#if defined(__wasm_simd128__) && !defined(__EMSCRIPTEN__)
#define __EMSCRIPTEN__ 1
#include <xsimd/xsimd.hpp>
#undef __EMSCRIPTEN__
#else
#include <xsimd/xsimd.hpp>
#endif

#include <bit>
#include <cstdint>
#include <type_traits>
#include <utility>

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace residua::inline RESIDUA_ISA::simd {

#ifdef XSIMD_NO_SUPPORTED_ARCHITECTURE
#error "residua: xsimd knows no vectors of this processor; compile for SSE2, AVX2, AVX-512, NEON or WebAssembly (-msimd128)"
#endif

template <class T>
using Register = xsimd::batch<T>;

// How many of them there are.
#if defined(__AVX512F__) || defined(__aarch64__)
inline constexpr int register_count = 32;
#else
inline constexpr int register_count = 16;
#endif

// f(0), f(1), ..., each with a constant: accumulators indexed by it stay in registers on every compiler.
template <int N, class F>
RESIDUA_INLINE void unroll(F&& f) {
    [&]<int... I>(std::integer_sequence<int, I...>) RESIDUA_INLINE_LAMBDA { (f(std::integral_constant<int, I>{}), ...); }
    (std::make_integer_sequence<int, N>{});
}

namespace detail {

// A product after its rounding: no compiler looks through this to fuse it with the sum that it goes into. (g++ does with the
// intrinsics, too, which are `a * b` there. WebAssembly's vectors have nothing to fuse into.)
template <class T>
RESIDUA_INLINE Register<T> settled(Register<T> product) {
#if defined(__AVX512F__)
    asm("" : "+v"(product.data));
#elif defined(__aarch64__)
    asm("" : "+w"(product.data));
#elif !defined(__wasm__)
    asm("" : "+x"(product.data));
#endif
    return product;
}

// a b + c. xsimd 8.1 has none for AVX-512 but a * b + c, which clang does not contract: 20 to 30 % of peak lost.
template <class T>
RESIDUA_INLINE Register<T> fused(Register<T> a, Register<T> b, Register<T> c) {
#if defined(__AVX512F__)
    if constexpr (sizeof(T) == 4) {
        return _mm512_fmadd_ps(a, b, c);
    } else {
        return _mm512_fmadd_pd(a, b, c);
    }
#else
    return xsimd::fma(a, b, c);
#endif
}

// a / b, rounded once. (xsimd 8.1 approximates it for floats on NEON.)
template <class T>
RESIDUA_INLINE Register<T> quotient(Register<T> a, Register<T> b) {
#if defined(__aarch64__)
    if constexpr (sizeof(T) == 4) return vdivq_f32(a, b);
#endif
    return a / b;
}

// The square root, rounded once. (xsimd 8.1 approximates that, too, and its AVX-512 intrinsic is one of those of which g++ 12
// warns that they use what was never set: GCC bug 105593.)
template <class T>
RESIDUA_INLINE Register<T> root(Register<T> x) {
#if defined(__aarch64__)
    if constexpr (sizeof(T) == 4) return vsqrtq_f32(x);
#elif defined(__AVX512F__)
    if constexpr (sizeof(T) == 4) {
        return _mm512_maskz_sqrt_ps(static_cast<__mmask16>(-1), x);
    } else {
        return _mm512_maskz_sqrt_pd(static_cast<__mmask8>(-1), x);
    }
#endif
    return xsimd::sqrt(x);
}

// 2^n for whole numbers n whose power is a normal number. The exponent's bits of the result, n + 127 (or 1023), are the last ones
// of that number plus 1.5 2^23 (2^52): they are shifted to their place. (xsimd's to_int is another such intrinsic.)
template <class T>
RESIDUA_INLINE Register<T> power_of_two(Register<T> n) {
    constexpr bool is_float = sizeof(T) == 4;
    using Scalar = std::conditional_t<is_float, std::uint32_t, std::uint64_t>;
    using Bits [[gnu::vector_size(sizeof(Register<T>))]] = Scalar;
    using Whole = typename Register<T>::register_type;
    const Register<T> sum = n + Register<T>(T(is_float ? 0x1.8p23 + 127 : 0x1.8p52 + 1023));
    return Register<T>(std::bit_cast<Whole>(std::bit_cast<Bits>(sum.data) << (is_float ? 23 : 52)));
}

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA::simd
