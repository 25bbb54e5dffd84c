// Plots as pictures (SVG) that can stand alone, as files: lines and dots over axes of any kind, in colours and dashes that tell
// them apart. (Parts of a report in the page's own colours: parts/chart.hpp.)
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace paper {

struct Line {
    std::string name;  // empty: not in the legend
    std::size_t colour = 0;
    bool dashed = false;
    bool right = false;  // measured on the right axis
    bool thin = false;
    bool ring = false;  // not a line: each point is a ring
    std::vector<std::pair<double, double>> points;
};

struct Axis {
    std::string name;
    bool logarithmic = false;  // what is not above zero has no place on it, and is left out
    bool whole = false;        // of whole numbers
};

struct Plot {
    std::string title;
    Axis across;
    Axis left;
    Axis right;  // without a name: there is none
    std::vector<Line> lines;
};
std::string svg_of(const Plot& plot);

// Rows of dots: of each row the paper's value (a ring), ours (a dot at the median) and how far our seeds reach (a bar).
struct DotRow {
    std::string name;
    double paper = 0;     // no number: none
    bool beyond = false;  // the paper's value is at least this
    double median = 0;
    double low = 0;
    double high = 0;
};
std::string svg_of_dots(const std::string& title, const std::string& values, const std::vector<DotRow>& rows);

}  // namespace paper
