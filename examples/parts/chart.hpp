// Curves over epochs as a part of a report: a picture (SVG) in the colours of the page's style, which a dark screen changes,
// whose points say their numbers. (Pictures that stand alone, over any axes: paper/plot.hpp.)
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace parts {

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
