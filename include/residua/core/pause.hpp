// One look of a thread that waits awake.
#pragma once

#include <residua/simd/isa.hpp>

namespace residua::inline RESIDUA_ISA {

// Tells the processor that this thread only waits.
inline void pause() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

}  // namespace residua::inline RESIDUA_ISA
