// Work split so that the bits do not depend on the number of threads: a task owns what it writes, and how a sum is cut into
// chunks is a function of sizes alone. (Who runs the tasks: core/team.hpp.)
#pragma once

#include <residua/core/shape.hpp>

#include <algorithm>
#include <cstddef>

namespace residua::inline RESIDUA_ISA {

// [begin, end)
struct Range {
    int begin = 0;
    int end = 0;
};

// Part `index` of `n` things cut into `parts` runs of nearly equal length.
constexpr Range part_of(int n, int parts, int index) {
    const auto at = [&](long i) { return static_cast<int>(static_cast<long>(n) * i / parts); };
    return {at(index), at(index + 1)};
}

// The same share of `to` things as `part` is of `of`: parts that cover one cover the other.
constexpr Range same_share(Range part, int of, int to) {
    const auto at = [&](long i) { return static_cast<int>(i * to / of); };
    return {at(part.begin), at(part.end)};
}

// Fewer images than this do not occupy all threads: each is cut too, by blocks of channels.
inline constexpr int few_images = 8;

// How a sum over images is cut into partial sums of so many bytes each: never a function of the threads. Budget and limit are
// measured: 32 chunks balance two threads within 1 ms of a 60 ms step, and 2.4 MB of partial sums stay in the caches.
constexpr int chunks_of(std::size_t bytes_of_a_partial_sum) {
    constexpr std::size_t budget = 2'400'000;
    return static_cast<int>(std::clamp<std::size_t>(budget / std::max<std::size_t>(bytes_of_a_partial_sum, 1), 1, 32));
}

}  // namespace residua::inline RESIDUA_ISA
