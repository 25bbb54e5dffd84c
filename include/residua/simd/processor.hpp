// A program that is compiled for less than its processor has is told so: a line on standard error, once a process.
#pragma once

#include <residua/simd/isa.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace residua {

// (Outside the namespace of the instruction set: a program compiled for several is told once, too.)
inline std::atomic<bool> told_of_processor{false};

// Whether this processor has one of the instruction sets that have an option of their own: avx512 (-march=x86-64-v4), avx2
// (-march=x86-64-v3), sse2; neon.
inline bool processor_has([[maybe_unused]] std::string_view instruction_set) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (instruction_set == "avx512") {
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    }
    if (instruction_set == "avx2") return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    return instruction_set == "sse2";
#elif defined(__aarch64__)
    return instruction_set == "neon";
#else
    return false;
#endif
}

}  // namespace residua

namespace residua::inline RESIDUA_ISA {

// Nothing is told on other processors than x86's, where there is nothing beyond what this is compiled for, and where
// RESIDUA_NO_PROCESSOR_NOTE is defined, or stands in the environment and is not empty.
#if !defined(__x86_64__) || defined(__AVX512F__) || defined(RESIDUA_NO_PROCESSOR_NOTE)
inline void tell_of_processor() {}
#else

namespace detail {

#define RESIDUA_TEXT(words) #words
#define RESIDUA_COMPILED_FOR(isa) "residua: compiled for " RESIDUA_TEXT(isa) ", on a processor that has "
#define RESIDUA_SILENCE " (not to be told: define RESIDUA_NO_PROCESSOR_NOTE, or set it in the environment)\n"

// The line, or null. (Of the names in isa.hpp those that have an option of their own, which is where the speed is.)
__attribute__((noinline, cold)) inline const char* processor_note() {
    const char* silent = std::getenv("RESIDUA_NO_PROCESSOR_NOTE");
    if (silent && *silent) return nullptr;

    if (processor_has("avx512"))
        return RESIDUA_COMPILED_FOR(RESIDUA_ISA) "avx512: faster with -march=native or x86-64-v4" RESIDUA_SILENCE;
#if !defined(__AVX2__) || !defined(__FMA__)
    if (processor_has("avx2"))
        return RESIDUA_COMPILED_FOR(RESIDUA_ISA) "avx2: faster with -march=native or x86-64-v3" RESIDUA_SILENCE;
#endif
    return nullptr;
}

#undef RESIDUA_SILENCE
#undef RESIDUA_COMPILED_FOR
#undef RESIDUA_TEXT

}  // namespace detail

// For whoever is about to compute.
inline void tell_of_processor() {
    if (told_of_processor.load(std::memory_order_relaxed)) return;
    const char* line = detail::processor_note();
    if (line && !told_of_processor.exchange(true)) std::fputs(line, stderr);
}

#endif

}  // namespace residua::inline RESIDUA_ISA
