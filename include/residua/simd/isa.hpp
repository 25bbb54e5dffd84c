// The name of the instruction set that this translation unit is compiled for.
//
// The whole library lives in `namespace residua::inline RESIDUA_ISA`, so that objects compiled for different processors can
// be linked into one program without the linker merging functions that must differ: a name for each set of registers and
// instructions that our vectors use.
#pragma once

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512CD__) && defined(__AVX512DQ__)
#define RESIDUA_ISA avx512
#elif defined(__AVX512F__)
#define RESIDUA_ISA avx512f
#elif defined(__AVX2__) && defined(__FMA__)
#define RESIDUA_ISA avx2
#elif defined(__AVX2__)
#define RESIDUA_ISA avx2_without_fma
#elif defined(__AVX__) && defined(__FMA__)
#define RESIDUA_ISA avx_fma
#elif defined(__AVX__)
#define RESIDUA_ISA avx
#elif defined(__SSE4_2__)
#define RESIDUA_ISA sse4_2
#elif defined(__SSE4_1__)
#define RESIDUA_ISA sse4_1
#elif defined(__SSSE3__)
#define RESIDUA_ISA ssse3
#elif defined(__SSE3__)
#define RESIDUA_ISA sse3
#elif defined(__SSE2__)
#define RESIDUA_ISA sse2
#elif defined(__aarch64__)
#define RESIDUA_ISA neon64
#elif defined(__wasm_simd128__)
#define RESIDUA_ISA wasm128
#else
#define RESIDUA_ISA generic
#endif

// Whether a b + c is one instruction, rounded once. Where it is, the same numbers come out on every processor.
#if defined(__FMA__) || defined(__AVX512F__) || defined(__aarch64__)
#define RESIDUA_HAS_FMA 1
#else
#define RESIDUA_HAS_FMA 0
#endif

// Kernels must be inlined into their loops: accumulators whose address escapes live on the stack (measured: 64 % of peak lost).
// (Without optimisation they are there anyhow, and a copy of a kernel wherever it is called takes 1.2 to 1.3 times as long to
// compile, with sanitizers' checks 1.5 to 2.5 times.)
#ifdef __OPTIMIZE__
#define RESIDUA_INLINE __attribute__((always_inline)) inline
#define RESIDUA_INLINE_LAMBDA __attribute__((always_inline))
#else
#define RESIDUA_INLINE inline
#define RESIDUA_INLINE_LAMBDA
#endif

// Before a loop over the accumulators of a kernel, which are at most 32: unrolled, they stay in registers. (Against simd::unroll
// the same multiply-adds, and less to compile.)
#ifdef __clang__
#define RESIDUA_UNROLL _Pragma("unroll")
#else
#define RESIDUA_UNROLL _Pragma("GCC unroll 32")
#endif

// Before a loop whose body fills the registers as it is. (clang 22 unrolls such a loop twice, and keeps sums on the stack.)
#ifdef __clang__
#define RESIDUA_ROLLED _Pragma("clang loop unroll(disable)")
#else
#define RESIDUA_ROLLED
#endif
