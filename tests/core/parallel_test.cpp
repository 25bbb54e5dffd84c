#include <doctest/doctest.h>

#include <residua/core/parallel.hpp>

#include <atomic>
#include <vector>

namespace residua {
namespace {

static_assert(part_of(10, 3, 0).begin == 0 && part_of(10, 3, 2).end == 10);
static_assert(chunks_of(1) == 32 && chunks_of(10'000'000) == 1);

TEST_CASE("every task runs once, whatever the number of threads") {
    for (const int threads : {1, 2, 3, 8}) {
        std::vector<std::byte> scratch(8 * 64);
        const Team team{threads, scratch.data(), 64};
        std::vector<std::atomic<int>> runs(101);
        team.run(101, [&](int task, std::byte* own) {
            CHECK_UNARY(own >= scratch.data() && own < scratch.data() + scratch.size());
            ++runs[static_cast<Size>(task)];
        });
        for (const auto& count : runs) CHECK(count == 1);
    }
}

TEST_CASE("images and blocks are covered once, for few images and for many") {
    for (const int n : {1, 3, 9}) {
        std::vector<std::atomic<int>> runs(static_cast<Size>(n) * 5);
        Team{2, nullptr, 0}.run_images(n, 5, [&](int image, Range blocks, std::byte*) {
            for (int b = blocks.begin; b < blocks.end; ++b) ++runs[static_cast<Size>(image * 5 + b)];
        });
        for (const auto& count : runs) CHECK(count == 1);
    }
}

}  // namespace
}  // namespace residua
