// What memory gives at best, measured in the same run.
#pragma once

#include "support/peak.hpp"

#include <residua/core/buffer.hpp>
#include <residua/core/team.hpp>

#include <algorithm>
#include <vector>

namespace peers {

// Bytes a second that so many threads read of 256 MB that lie in no cache, each its own part: reading alone, which is the fastest
// that memory does.
inline double ram_bandwidth(int threads) {
    using V = residua::simd::Line<float>;
    constexpr residua::Size floats = residua::Size{1} << 26;
    constexpr int sums = 8;
    residua::Buffer<float> memory(floats);
    std::fill_n(memory.data(), floats, 1.F);  // (pages of their own, not the one of zeros)
    const residua::Team team(threads);
    const residua::Size part = floats / static_cast<residua::Size>(threads) / (sums * V::width) * (sums * V::width);
    std::vector<float> results(static_cast<std::size_t>(threads));
    const double time = bench::fastest(5, [&] {
        team.run(threads, [&](int task, std::byte*) {
            const float* from = memory.data() + static_cast<residua::Size>(task) * part;
            V sum[sums];
            for (V& one : sum) one = V(0.F);
            for (residua::Size i = 0; i < part; i += sums * V::width) {
                for (int s = 0; s < sums; ++s)
                    sum[s] = sum[s] + residua::simd::load(from + i + static_cast<residua::Size>(s * V::width));
            }
            for (int s = 1; s < sums; ++s) sum[0] = sum[0] + sum[s];
            results[static_cast<std::size_t>(task)] = residua::simd::sum(sum[0]);
        });
    });
    volatile float sink = *std::max_element(results.begin(), results.end());
    static_cast<void>(sink);
    return static_cast<double>(part) * threads * sizeof(float) / time;
}

}  // namespace peers
