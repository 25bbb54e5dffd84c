// What a run leaves behind: its log, what was seen at its units, and how it ended.
#pragma once

#include "claim.hpp"

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace paper {

// A line of the log: every 50 steps, and at the end of each time through the data. What was not measured is no number.
struct LogLine {
    std::int64_t step = 0;
    double epoch = 0;  // times through the data
    double rate = 0;
    double loss = 0;                // in training, mean over the images since the line before
    double error = 0;               // likewise, %
    std::vector<double> gradients;  // ||dE/dx|| in this step, at the first unit of each stage and after the last unit
    std::vector<double> signals;    // ||x|| likewise
    double test_loss = std::nan("");
    double test_error = std::nan("");  // %
};

// What was seen in one step at the input of a unit or, last, at the output of the last unit.
struct UnitLine {
    std::int64_t step = 0;  // counted from 1: in the first step all weights are initial
    int unit = 0;
    double signal = 0;    // ||x||
    double gradient = 0;  // ||dE/dx||
    double gate = 0;      // mean of g; 0 where there is no gate
};

struct Record {
    std::vector<LogLine> log;
    std::vector<UnitLine> units;
};

// As CSV, with a line of headings. The same text reads back as the same text. Errors: it is no such text.
std::string log_as_csv(const std::vector<LogLine>& log);
std::vector<LogLine> log_of_csv(std::string_view text, const std::string& where);
std::string units_as_csv(const std::vector<UnitLine>& units);
std::vector<UnitLine> units_of_csv(std::string_view text, const std::string& where);

// The measure of a run that took so many steps; infinite where it has diverged (of which `diverged` tells), no number where the
// run did not measure it.
double measured(const Record& record, Measure measure, std::int64_t steps, bool diverged);

}  // namespace paper
