// One line that says how far a run has come, as wide as there is room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace parts {

struct ProgressState {
    std::int64_t epoch = 0;  // counted from 1
    int epochs = 0;
    double done = 0;  // of the epoch
    double images_per_second = 0;
    double loss = 0;
    double error = 0;  // %
    double seconds_left = 0;
};

// At most `columns` characters, none of them a line's end. What matters least goes first: the speed, the loss, the error, the
// time; how much is done is a bar, or where there is no room for one a percentage.
std::string progress_line(const ProgressState& state, int columns);

// A part of such a line: the least important goes first.
struct LinePart {
    std::string text;
    int importance = 0;
    bool holds_bar = false;  // (set by fitted_line)
};
// Two blanks between parts; the part number `bar` is how much is done, `done` of 1, as a percentage or, if there is room, a bar.
std::string fitted_line(std::vector<LinePart> parts, std::size_t bar, double done, int columns);

// "2:05", "1:02:05".
std::string clock_time(double seconds);

}  // namespace parts
