// The axes of the report's charts, and text from outside in it.
#include <doctest/doctest.h>

#include "../parts/chart.hpp"
#include "../parts/html.hpp"
#include "../parts/text.hpp"
#include "../parts/ticks.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

namespace parts {
namespace {

using Ticks = std::vector<double>;

TEST_CASE("ticks stand at round numbers, from zero to beyond the highest value") {
    CHECK(round_ticks(2.49, 6, false) == Ticks{0, 0.5, 1, 1.5, 2, 2.5});
    CHECK(round_ticks(26.5, 6, false) == Ticks{0, 5, 10, 15, 20, 25, 30});
    CHECK(round_ticks(100, 6, false) == Ticks{0, 20, 40, 60, 80, 100});
    CHECK(round_ticks(1, 8, true) == Ticks{0, 1});
    CHECK(round_ticks(3, 8, true) == Ticks{0, 1, 2, 3});
    CHECK(round_ticks(164, 8, true) == Ticks{0, 50, 100, 150, 200});
    CHECK(round_ticks(0, 6, false).back() == 1);
    CHECK(round_ticks(std::numeric_limits<double>::infinity(), 6, false).back() == 1);
    for (double highest = 1e-6; highest < 1e9; highest *= 1.37) {
        CAPTURE(highest);
        const Ticks ticks = round_ticks(highest, 6, false);
        CHECK(ticks.size() >= 3);
        CHECK(ticks.size() <= 7);
        CHECK(ticks.back() >= highest * (1 - 1e-6));
        const double digit = ticks[1] / std::pow(10, std::floor(std::log10(ticks[1]) + 1e-9));
        CHECK((std::abs(digit - 1) < 1e-6 || std::abs(digit - 2) < 1e-6 || std::abs(digit - 5) < 1e-6));
    }
}

TEST_CASE("labels have the digits that their step needs") {
    CHECK(tick_label(1.5, 0.5) == "1.5");
    CHECK(tick_label(2, 1) == "2");
    CHECK(tick_label(0.02, 0.02) == "0.02");
    CHECK(tick_label(1500, 500) == "1500");
    CHECK(with_thousands(999) == "999");
    CHECK(with_thousands(1'000) == "1,000");
    CHECK(with_thousands(-1'234'567) == "-1,234,567");
    CHECK(with_thousands(std::int64_t{0}) == "0");
}

TEST_CASE("text from outside cannot break the page") {
    CHECK(readable("a<b>&'\"") == "a&lt;b&gt;&amp;&#39;&quot;");
    CHECK(readable("\u00fc \u2192 \U0001F600") == "\u00fc \u2192 \U0001F600");
    CHECK(readable("\xFF\x1B[31m\n") == "\\xFF\\x1B[31m\\x0A");
    CHECK(readable("\xC3") == "\\xC3");
    CHECK(readable("\xE2\x82<") == "\\xE2\\x82&lt;");
}

}  // namespace
}  // namespace parts
