// Dropout on blocked images, with a mask that does not depend on the lanes.
#pragma once

#include <residua/core/random.hpp>
#include <residua/kernels/elementwise/blocks.hpp>

#include <algorithm>
#include <cmath>

namespace residua::inline RESIDUA_ISA::kernels {

namespace detail {

// The random words of 64 places from 64 group on, as random::bits4 gives them four by four. (Sixteen Philox blocks side by side,
// under a key derived once: measured 2 ns a place, in place of 7.)
inline constexpr Size words_at_once = 64;

__attribute__((noinline)) inline void random_words(const random::Key& key, std::uint64_t group, std::uint32_t* words) {
    constexpr Size blocks = words_at_once / 4;
    const std::uint64_t first = group * blocks;
    alignas(64) std::uint32_t counters[4][blocks];
    for (Size b = 0; b < blocks; ++b) {
        const random::Four counter = random::philox_counter(key, first + b);
        for (Size i = 0; i < 4; ++i) counters[i][b] = counter[i];
    }

    random::Two of_round = random::philox_key(key, first);
    for (int round = 0; round < random::philox_rounds; ++round) {
        for (Size b = 0; b < blocks; ++b) {
            random::philox_round(counters[0][b], counters[1][b], counters[2][b], counters[3][b], of_round);
        }
        of_round = random::philox_next(of_round);
    }
    for (Size b = 0; b < blocks; ++b) {
        for (Size i = 0; i < 4; ++i) words[4 * b + i] = counters[i][b];
    }
}

}  // namespace detail

template <class T>
struct DropoutKernels {
    // y (+)= factor x where the value's uniform number is at least p, else 0. Numbers belong to places in the plain image. y may
    // be x.
    template <bool Accumulates>
    static __attribute__((noinline)) void dropout(const T* x, Shape s, Range blocks, const random::Key& key, double p, T factor,
                                                  T* y) {
        using V = simd::Line<T>;
        constexpr Size lanes = simd::lanes<T>;
        constexpr Size at_once = detail::words_at_once;
        constexpr Size longest = 256;  // pixels: a table of 16 KB or less stays in the first cache
        const Size pixels = s.pixels();

        // Numbers are multiples of 2^-24: compared as the integers that they are multiplied by 2^24, exact in any T.
        const V least(static_cast<T>(std::ceil(p * 0x1p24)));
        alignas(64) T table[longest * lanes];
        alignas(64) std::uint32_t words[at_once];
        Size group = ~Size{0};

        for (int b = blocks.begin; b < blocks.end; ++b) {
            const Block block = block_of<T>(s, b);
            const Size real = static_cast<Size>(block.real);
            std::fill(table, table + longest * lanes, T(-1));  // lanes beyond the last channel are dropped
            for (Size begin = 0; begin < pixels; begin += longest) {
                const Size count = std::min(longest, pixels - begin);
                for (Size l = 0; l < real; ++l) {
                    const Size first = (static_cast<Size>(b) * lanes + l) * pixels + begin;
                    for (Size pixel = 0; pixel < count; ++pixel) {
                        const Size place = first + pixel;
                        if (place / at_once != group) {
                            group = place / at_once;
                            detail::random_words(key, group, words);
                        }
                        table[pixel * lanes + l] = static_cast<T>(static_cast<std::int32_t>(words[place % at_once] >> 8));
                    }
                }
                for (Size pixel = 0; pixel < count; ++pixel) {
                    const Size at = block.offset + (begin + pixel) * lanes;
                    const V kept = V(factor) * simd::load(x + at);
                    put<Accumulates>(y + at, simd::select(simd::load(table + pixel * lanes) < least, V(T(0)), kept));
                }
            }
        }
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
