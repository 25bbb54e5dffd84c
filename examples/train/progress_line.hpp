// One line that says how far a run has come, as wide as there is room.
#pragma once

#include <cstdint>
#include <string>

namespace train {

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

// "2:05", "1:02:05".
std::string clock_time(double seconds);

}  // namespace train
