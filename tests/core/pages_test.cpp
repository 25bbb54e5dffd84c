// Memory that is taken page by page, and given back.
#include <doctest/doctest.h>

#include <residua/core/pages.hpp>

#include <algorithm>
#include <utility>

namespace residua {
namespace {

TEST_CASE("a block of pages is zero, is copied and is moved") {
    ZeroPages<float> block(300'000);
    CHECK(reinterpret_cast<std::uintptr_t>(block.data()) % 64 == 0);
    CHECK(std::all_of(block.data(), block.data() + 300'000, [](float value) { return value == 0; }));

    block.data()[299'999] = 3;
    ZeroPages<float> copy = block;
    block.data()[299'999] = 4;
    CHECK(copy.data()[299'999] == 3);

    const ZeroPages<float> moved = std::move(copy);
    CHECK(moved.data()[299'999] == 3);
    copy = block;
    CHECK(copy.data()[299'999] == 4);
    CHECK(ZeroPages<float>().data() == nullptr);
    CHECK(ZeroPages<float>(0).data() == nullptr);
}

TEST_CASE("what is more than there are addresses is an error, and no smaller block") {
    constexpr Size values = Size{1} << 62;
    const char* expected =
        "residua: expected memory for 4611686018427387904 values of 8 bytes, which are more than this system has addresses for";
    CHECK_THROWS_WITH_AS(Buffer<double>{values}, expected, Error);
    CHECK_THROWS_WITH_AS(ZeroPages<double>{values}, expected, Error);
}

TEST_CASE("what is given back is whole pages of what nobody needs, and nothing beside it") {
    constexpr Size values = 5 << 20;
    Buffer<char> block(values);
    std::fill_n(block.data(), values, char(1));
    constexpr Size begin = 100;
    constexpr Size hole = 2 << 20;
    constexpr Size hole_end = hole + 70'000;
    {
        UnneededMemory unneeded;
        for (Size at = begin; at < hole; at += 3'000) unneeded.add(block.data() + at, std::min<Size>(3'000, hole - at));
        unneeded.add(block.data() + hole_end, values - hole_end);
    }
    const char* data = block.data();
    const auto is_one = [](char value) { return value == 1; };
    CHECK(std::all_of(data, data + begin, is_one));
    CHECK(std::all_of(data + hole, data + hole_end, is_one));
#if defined(__linux__) && defined(__x86_64__)
    // (Emulated processors may not pass the request on.)
    constexpr Size page = 4096;
    const auto given_back = [](const char* first, const char* last) { return last - first - std::count(first, last, char(1)); };
    CHECK(given_back(data, data + hole) >= static_cast<std::ptrdiff_t>(hole - begin - 2 * page));
    CHECK(given_back(data + hole_end, data + values) >= static_cast<std::ptrdiff_t>(values - hole_end - 2 * page));
#endif
}

}  // namespace
}  // namespace residua
