// The round numbers along an axis of a picture.
#pragma once

#include "text.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace parts {

// From 0 up to the first round number that is not below `highest`, at most `most` steps of 1, 2 or 5 times a power of ten; steps
// of `whole` numbers are at least 1.
inline std::vector<double> round_ticks(double highest, int most, bool whole) {
    const double enough = highest > 0 && std::isfinite(highest) ? highest : 1;
    double power = std::pow(10.0, std::floor(std::log10(enough / most)));
    if (whole) power = std::max(power, 1.0);
    double step = power;
    for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
        step = factor * power;
        if (std::ceil(enough / step * (1 - 1e-9)) <= most) break;
    }
    std::vector<double> ticks;
    const int count = static_cast<int>(std::ceil(enough / step * (1 - 1e-9)));
    for (int i = 0; i <= count; ++i) ticks.push_back(step * i);
    return ticks;
}

// With as many digits as the step between ticks has.
inline std::string tick_label(double value, double step) {
    const int digits = std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9)));
    return format("%.*f", digits, value);
}

}  // namespace parts
