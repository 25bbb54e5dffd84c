// How this thread's arithmetic takes numbers smaller than any normal one.
#pragma once

#include <residua/simd/isa.hpp>

#include <cstdint>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace residua::inline RESIDUA_ISA::simd {

// While one stands, such numbers are zero to this thread, as operands and as results: Intel's processors take 150 cycles over a
// multiply-add of one, and a network whose activations vanish took 47 times as long (`bench_small_weights`). What the thread did
// before it does afterwards. Processors without such a mode (WebAssembly's) go on as IEEE 754 says.
//
// x86 rounds first, and ARM asks first: a result that lacks less than half a last digit to the smallest normal number is that
// number there, and zero here. No other bit depends on the processor.
class SubnormalsAreZero {
public:
    SubnormalsAreZero() : added_(mode & ~control()) {
        if (added_) set_control(control() | added_);
    }
    SubnormalsAreZero(const SubnormalsAreZero&) = delete;
    SubnormalsAreZero& operator=(const SubnormalsAreZero&) = delete;
    ~SubnormalsAreZero() {
        if (added_) set_control(control() & ~added_);
    }

private:
    // (The clobbers: arithmetic begins with a load, and the compiler moves none to the other side.)
#if defined(__SSE2__)
    using Control = unsigned;
    static constexpr Control mode = 0x8040;  // results are flushed to zero, operands taken for zero

    static Control control() { return _mm_getcsr(); }
    static void set_control(Control value) {
        asm volatile("" ::: "memory");
        _mm_setcsr(value);
        asm volatile("" ::: "memory");
    }
#elif defined(__aarch64__)
    using Control = std::uint64_t;
    static constexpr Control mode = Control{1} << 24;  // both

    static Control control() {
        Control value;
        asm volatile("mrs %0, fpcr" : "=r"(value));
        return value;
    }
    static void set_control(Control value) { asm volatile("msr fpcr, %0" : : "r"(value) : "memory"); }
#else
    using Control = unsigned;
    static constexpr Control mode = 0;

    static Control control() { return 0; }
    static void set_control(Control) {}
#endif

    Control added_;
};

}  // namespace residua::inline RESIDUA_ISA::simd
