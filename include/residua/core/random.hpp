// Randomness is counted, not drawn: a value is a function of (seed, purpose, index, step, sample, position), so that it does not
// depend on threads, on what was drawn before, or on whether a run was interrupted.
#pragma once

#include <residua/core/shape.hpp>
#include <residua/simd/elementary.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

namespace residua::inline RESIDUA_ISA::random {

// Words of a counter, and of a key.
using Four = std::array<std::uint32_t, 4>;
using Two = std::array<std::uint32_t, 2>;

// Philox 4x32-10 (Salmon et al. 2011, "Parallel Random Numbers: As Easy as 1, 2, 3"): ten rounds that turn a counter into four
// random words under a key, which changes from round to round.
inline constexpr int philox_rounds = 10;

// (On words wherever they lie, so that many counters side by side become vectors: kernels/elementwise/dropout.hpp.)
RESIDUA_INLINE constexpr void philox_round(std::uint32_t& w0, std::uint32_t& w1, std::uint32_t& w2, std::uint32_t& w3,
                                           const Two& key) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * w0;
    const std::uint64_t b = std::uint64_t{0xCD9E8D57} * w2;
    w0 = static_cast<std::uint32_t>(b >> 32) ^ w1 ^ key[0];
    w1 = static_cast<std::uint32_t>(b);
    w2 = static_cast<std::uint32_t>(a >> 32) ^ w3 ^ key[1];
    w3 = static_cast<std::uint32_t>(a);
}

constexpr Two philox_next(const Two& key) { return {key[0] + 0x9E3779B9, key[1] + 0xBB67AE85}; }

constexpr Four philox(Four counter, Two key) {
    for (int round = 0; round < philox_rounds; ++round) {
        philox_round(counter[0], counter[1], counter[2], counter[3], key);
        key = philox_next(key);
    }
    return counter;
}

// Numbers for one purpose know nothing of those for another.
enum class Purpose : std::uint32_t { initial_weights, shuffle, crop, flip, dropout, test, split, augmentation, stochastic_depth };

// What a stream of numbers is for. `index` tells layers or tensors apart.
struct Key {
    std::uint64_t seed = 0;
    Purpose purpose = Purpose::test;
    std::uint32_t index = 0;
    std::uint64_t step = 0;
    std::uint64_t sample = 0;
};

// Four random words. Two blocks: the first makes a key of seed, purpose and index; the second counts position, sample and step
// under it. (Position and sample take 32 bits each, step 64: all differ until they wrap.)
constexpr Two philox_key(const Key& key, std::uint64_t block) {
    const Four derived = philox({static_cast<std::uint32_t>(key.purpose), key.index, static_cast<std::uint32_t>(key.sample >> 32),
                                 static_cast<std::uint32_t>(block >> 32)},
                                {static_cast<std::uint32_t>(key.seed), static_cast<std::uint32_t>(key.seed >> 32)});
    return {derived[0], derived[1]};
}

constexpr Four philox_counter(const Key& key, std::uint64_t block) {
    return {static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(key.sample), static_cast<std::uint32_t>(key.step),
            static_cast<std::uint32_t>(key.step >> 32)};
}

constexpr Four bits4(const Key& key, std::uint64_t block) { return philox(philox_counter(key, block), philox_key(key, block)); }

// Four numbers in [0, 1), of 24 bits.
constexpr std::array<float, 4> uniform4(const Key& key, std::uint64_t block) {
    const Four bits = bits4(key, block);
    std::array<float, 4> result{};
    for (Size i = 0; i < 4; ++i) result[i] = static_cast<float>(bits[i] >> 8) * 0x1p-24F;
    return result;
}

// Four numbers from the normal distribution (Box and Muller 1958).
inline std::array<double, 4> normal4(const Key& key, std::uint64_t block) {
    const Four bits = bits4(key, block);
    std::array<double, 4> result{};
    for (Size i = 0; i < 4; i += 2) {
        const double radius = std::sqrt(-2 * simd::log((bits[i] + 1.0) * 0x1p-32));
        const simd::SineAndCosine at = simd::of_turns(bits[i + 1] * 0x1p-32);
        result[i] = radius * at.cosine;
        result[i + 1] = radius * at.sine;
    }
    return result;
}

// A number in [0, bound). (Its bias is below bound / 2^32.)
constexpr std::uint32_t below(const Key& key, std::uint64_t block, std::uint32_t bound) {
    return static_cast<std::uint32_t>(std::uint64_t{bits4(key, block)[0]} * bound >> 32);
}

// An order of n things, a function of seed, epoch and purpose (Fisher and Yates).
inline std::vector<std::uint32_t> permutation(std::uint32_t n, std::uint64_t seed, std::uint64_t epoch,
                                              Purpose purpose = Purpose::shuffle) {
    std::vector<std::uint32_t> order(n);
    for (std::uint32_t i = 0; i < n; ++i) order[i] = i;
    const Key key{seed, purpose, 0, epoch, 0};
    for (std::uint32_t i = n; i > 1; --i) std::swap(order[i - 1], order[below(key, i, i)]);
    return order;
}

}  // namespace residua::inline RESIDUA_ISA::random
