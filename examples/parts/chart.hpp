// Curves as a picture (SVG) that says its own axes and names, in colours and line styles of the report's style.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace parts {

// From 0 up to the first round number that is not below `highest`, at most `most` steps of 1, 2 or 5 times a power of ten; steps
// of `whole` numbers are at least 1.
std::vector<double> round_ticks(double highest, int most, bool whole);

// With as many digits as the step between ticks has.
std::string tick_label(double value, double step);

// One curve. `look` is a class of the style: by-step, training, test; each has a colour, a line style and a mark of its own.
struct Curve2d {
    std::string name;
    std::string look;
    std::vector<std::pair<double, double>> points;  // (epochs, value)
};

// `id` is a word of the page's own; `description` is for those who do not see the picture.
std::string chart(const std::string& id, const std::string& title, const std::string& description, const std::string& values,
                  const std::vector<Curve2d>& lines);

}  // namespace parts
