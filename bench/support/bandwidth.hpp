// What one core reads and writes a second, of each level of memory, measured in the same run.
#pragma once

#include "support/peak.hpp"

#include <residua/core/buffer.hpp>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace bench {

// A cache, or what lies behind the last of them. In bytes, and bytes a second.
struct Level {
    std::string name;  // "l1", "l2", ..., "ram"
    double holds = 0;  // (of "ram": 0)
    double read = 0;
    double written = 0;
};

// The data caches of the first processor as Linux knows them, the smallest first. (Without bandwidths.)
inline std::vector<Level> caches() {
    std::vector<Level> found;
    for (int index = 0;; ++index) {
        const std::string folder = "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index) + "/";
        const auto value = [&](const char* file) {
            std::string text;
            std::ifstream(folder + file) >> text;
            return text;
        };
        const std::string size = value("size");
        if (size.empty()) break;
        if (value("type") == "Instruction") continue;
        const double unit = size.back() == 'K' ? 1024 : size.back() == 'M' ? 1024 * 1024 : 1;
        found.push_back({"l" + value("level"), std::stod(size) * unit});
    }
    return found;
}

namespace detail {

using Line = residua::simd::Line<float>;
inline constexpr residua::Size step = 8 * residua::simd::lanes<float>;

// (Eight sums, so that reading does not wait for them.)
__attribute__((noinline)) inline float read_all(const residua::Buffer<float>& buffer) {
    using residua::simd::load;
    Line a(0.F), b(0.F), c(0.F), d(0.F), e(0.F), f(0.F), g(0.F), h(0.F);
    const float* from = buffer.data();
    for (const float* end = from + buffer.size(); from != end; from += step) {
        constexpr int lanes = residua::simd::lanes<float>;
        a = a + load(from), b = b + load(from + lanes), c = c + load(from + 2 * lanes), d = d + load(from + 3 * lanes);
        e = e + load(from + 4 * lanes), f = f + load(from + 5 * lanes), g = g + load(from + 6 * lanes);
        h = h + load(from + 7 * lanes);
    }
    return residua::simd::sum(a + b + c + d + e + f + g + h);
}

__attribute__((noinline)) inline void write_all(residua::Buffer<float>& buffer, float value) {
    const Line line(value);
    float* to = buffer.data();
    for (float* end = to + buffer.size(); to != end; to += step) {
        for (residua::Size i = 0; i < step; i += residua::simd::lanes<float>) residua::simd::store(to + i, line);
    }
}

// Bandwidths of a block of this size, once it lies where it belongs.
inline void measure_level(double bytes, Level& level) {
    residua::Buffer<float> buffer(static_cast<residua::Size>(bytes / sizeof(float)) / step * step);
    const double size = static_cast<double>(buffer.size()) * sizeof(float);
    const int rounds = std::max(1, static_cast<int>(4e6 / size));
    volatile float sink = 0;
    // (For 50 ms: in a shorter time a neighbour of ours on the same cache may have slowed all of it.)
    const auto bandwidth = [&](auto pass) {
        double best = 1e30;
        const double begin = seconds();
        for (int repetition = 0; repetition < 3 || seconds() - begin < 0.05; ++repetition) {
            best = std::min(best, fastest(1, [&] {
                                for (int round = 0; round < rounds; ++round) pass();
                            }));
        }
        return size * rounds / best;
    };
    level.read = bandwidth([&] { sink = read_all(buffer); });
    level.written = bandwidth([&] { write_all(buffer, 1); });
}

}  // namespace detail

// All levels. A cache is measured by a block of half its size, RAM by one of four times the last cache's. Where the system does
// not say what caches there are, RAM alone is known, by 256 MB: then every roof is RAM's.
inline std::vector<Level> levels_of_memory() {
    std::vector<Level> levels = caches();
    if (levels.empty()) std::fprintf(stderr, "no caches in /sys/devices/system/cpu/cpu0/cache: every roof is that of RAM\n");
    const double large = levels.empty() ? 256e6 : 4 * levels.back().holds;
    for (Level& level : levels) detail::measure_level(level.holds / 2, level);
    levels.push_back({"ram"});
    detail::measure_level(large, levels.back());
    return levels;
}

}  // namespace bench
