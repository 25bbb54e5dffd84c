// Seconds, and what the machine could do at best, measured in the same run.
#pragma once

#include <residua/simd/line.hpp>

#include <algorithm>
#include <chrono>

namespace bench {

inline double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// The fastest of `repetitions` calls, in seconds: the machines are shared, and only the least is the code's own.
template <class F>
double fastest(int repetitions, F&& f) {
    double best = 1e30;
    for (int i = 0; i < repetitions; ++i) {
        const double begin = seconds();
        f();
        best = std::min(best, seconds() - begin);
    }
    return best;
}

// Twelve independent sums of fused multiply-adds of floats, a register each, so many times; no loads.
__attribute__((noinline)) inline float multiply_adds(long rounds) {
    using V = residua::simd::Line<float, sizeof(residua::simd::Register<float>)>;  // one register
    using residua::simd::fma;
    const V x(1.0000001F);
    const V y(1e-9F);
    V a(0.F), b(1.F), c(2.F), d(3.F), e(4.F), f(5.F), g(6.F), h(7.F), i(8.F), j(9.F), k(10.F), l(11.F);
    for (long round = 0; round < rounds; ++round) {
        a = fma(a, x, y), b = fma(b, x, y), c = fma(c, x, y), d = fma(d, x, y), e = fma(e, x, y), f = fma(f, x, y);
        g = fma(g, x, y), h = fma(h, x, y), i = fma(i, x, y), j = fma(j, x, y), k = fma(k, x, y), l = fma(l, x, y);
    }
    return residua::simd::sum(a + b + c + d + e + f + g + h + i + j + k + l);
}

// FLOP/s of one core in them.
inline double fma_peak() {
    constexpr long rounds = 200'000;
    volatile float sink = 0;
    const double time = fastest(40, [&] { sink = multiply_adds(rounds); });
    return static_cast<double>(rounds) * 12 * residua::simd::Register<float>::size * 2 / time;
}

}  // namespace bench
