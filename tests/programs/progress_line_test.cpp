// The line that says how far a run has come, in windows of any width.
#include <doctest/doctest.h>

#include "../parts/progress_line.hpp"

#include <limits>

namespace parts {
namespace {

const ProgressState state{2, 30, 0.4567, 1234.5, 0.71923, 25.29, 125};

TEST_CASE("the line has what there is room for") {
    CHECK(progress_line(state, 100) ==
          "epoch 2/30  [##########..............]  1234 images/s  loss 0.7192  error 25.29 %  2:05 left");
    CHECK(progress_line(state, 79) == "epoch 2/30  [#####......]  1234 images/s  loss 0.7192  error 25.29 %  2:05 left");
    CHECK(progress_line(state, 75) == "epoch 2/30  45 %  1234 images/s  loss 0.7192  error 25.29 %  2:05 left");
    CHECK(progress_line(state, 39) == "epoch 2/30  [######........]  2:05 left");
    CHECK(progress_line(state, 30) == "epoch 2/30  45 %  2:05 left");
    CHECK(progress_line(state, 12) == "epoch 2/30");
    CHECK(progress_line(state, 4) == "epoc");
    CHECK(progress_line(state, 0) == "");
}

TEST_CASE("it never has more than there is room for, nor a line's end, whatever the numbers") {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const ProgressState long_run{99'999, 100'000, 1, 123'456.7, 1234.5, 100, 1e6};
    const ProgressState odd{1, 1, std::numeric_limits<double>::quiet_NaN(), infinity, infinity, infinity, infinity};
    for (int columns = -1; columns <= 200; ++columns) {
        CAPTURE(columns);
        for (const ProgressState& s : {state, long_run, odd}) {
            const std::string line = progress_line(s, columns);
            CHECK(static_cast<int>(line.size()) <= (columns > 0 ? columns : 0));
            CHECK(line.find_first_of("\r\n\t") == std::string::npos);
        }
    }
}

TEST_CASE("times are read as clocks show them") {
    CHECK(clock_time(0.4) == "0:00");
    CHECK(clock_time(59.6) == "1:00");
    CHECK(clock_time(3599) == "59:59");
    CHECK(clock_time(3725) == "1:02:05");
}

}  // namespace
}  // namespace parts
