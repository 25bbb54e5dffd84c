#include <doctest/doctest.h>

#include <residua/core/random.hpp>

#include <algorithm>

namespace residua::random {
namespace {

// Random123's known answers (kat_vectors): philox4x32, 10 rounds.
static_assert(philox({0, 0, 0, 0}, {0, 0}) == Four{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
static_assert(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
              Four{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
static_assert(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
              Four{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});

TEST_CASE("every part of a key changes the numbers") {
    const Key key{1, Purpose::dropout, 2, 3, 4};
    const Four numbers = bits4(key, 5);
    CHECK(bits4(key, 5) == numbers);
    CHECK(bits4(key, 6) != numbers);
    CHECK(bits4({2, Purpose::dropout, 2, 3, 4}, 5) != numbers);
    CHECK(bits4({1, Purpose::crop, 2, 3, 4}, 5) != numbers);
    CHECK(bits4({1, Purpose::dropout, 3, 3, 4}, 5) != numbers);
    CHECK(bits4({1, Purpose::dropout, 2, 4, 4}, 5) != numbers);
    CHECK(bits4({1, Purpose::dropout, 2, 3, 5}, 5) != numbers);
    CHECK(bits4({1 + (std::uint64_t{1} << 32), Purpose::dropout, 2, 3, 4}, 5) != numbers);
}

TEST_CASE("uniform numbers lie in [0, 1) and normal ones have mean 0 and variance 1") {
    double sum = 0;
    double normal_sum = 0;
    double squares = 0;
    constexpr int blocks = 20'000;
    for (std::uint64_t block = 0; block < blocks; ++block) {
        for (const float u : uniform4({}, block)) {
            CHECK_UNARY(u >= 0 && u < 1);
            sum += static_cast<double>(u);
        }
        for (const double z : normal4({}, block)) {
            normal_sum += z;
            squares += z * z;
        }
    }
    CHECK(sum / (4 * blocks) == doctest::Approx(0.5).epsilon(0.01));
    CHECK(normal_sum / (4 * blocks) == doctest::Approx(0).epsilon(0.02));
    CHECK(squares / (4 * blocks) == doctest::Approx(1).epsilon(0.02));
}

TEST_CASE("a permutation holds everything once, and differs from epoch to epoch") {
    std::vector<std::uint32_t> order = permutation(1000, 1, 0);
    CHECK(order != permutation(1000, 1, 1));
    CHECK(order == permutation(1000, 1, 0));
    std::sort(order.begin(), order.end());
    for (std::uint32_t i = 0; i < 1000; ++i) CHECK(order[i] == i);
}

}  // namespace
}  // namespace residua::random
