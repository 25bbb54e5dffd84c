#include <doctest/doctest.h>

#include <residua/core/plan.hpp>

namespace residua {
namespace {

// Values that live at once lie apart; those that do not may share.
constexpr std::array<Interval, 4> items{Interval{100, 0, 1}, Interval{50, 1, 2}, Interval{100, 2, 3}, Interval{10, 3, 3}};
constexpr Arrangement<4> plan = placed(items);
static_assert(plan.total == 150);
static_assert(plan.offset[0] == plan.offset[2]);

// A chain of three layers that keep nothing: two buffers in turn would do, and in-place layers need none of their own.
constexpr LayerFacts plain{.in = 64, .out = 64, .reads_input = true};
constexpr LayerFacts in_place{.in = 64, .out = 64, .in_place = true};
static_assert(forward_plan<3>({plain, in_place, plain}, false, false).total.image == 64);
static_assert(forward_plan<3>({plain, plain, plain}, true, false).saved == 128);
static_assert(forward_plan<3>({plain, plain, plain}, true, false).total.image == 0);

TEST_CASE("no two items that live at the same time overlap") {
    std::array<Interval, 24> many{};
    for (int i = 0; i < 24; ++i)
        many[static_cast<Size>(i)] = {static_cast<Size>(7 + i * 13 % 41), i * 7 % 20, i * 7 % 20 + i % 5};
    const auto result = placed(many);
    for (Size a = 0; a < many.size(); ++a) {
        CHECK(result.offset[a] + many[a].size <= result.total);
        for (Size b = 0; b < a; ++b) {
            const bool apart =
                result.offset[a] + many[a].size <= result.offset[b] || result.offset[b] + many[b].size <= result.offset[a];
            CHECK_UNARY(apart || !many[a].meets(many[b]));
        }
    }
}

}  // namespace
}  // namespace residua
