#include "chart.hpp"

#include "html.hpp"
#include "ticks.hpp"

#include <algorithm>

namespace parts {

namespace {

constexpr double whole_width = 480;
constexpr double whole_height = 300;
constexpr double left_edge = 58;
constexpr double right_edge = whole_width - 16;
constexpr double top_edge = 34;  // above it is the legend
constexpr double bottom_edge = whole_height - 44;
constexpr std::size_t most_marks = 40;  // of a curve

// The mark of a curve at (x, y): a disc for training, a square for the test.
std::string mark(const std::string& look, double x, double y, const std::string& says) {
    const std::string title = says.empty() ? "" : "<title>" + escaped(says) + "</title>";
    if (look == "test") {
        return format("<rect class='mark test' x='%.1f' y='%.1f' width='8' height='8'>", x - 4, y - 4) + title + "</rect>";
    }
    return format("<circle class='mark %s' cx='%.1f' cy='%.1f' r='4'>", look.c_str(), x, y) + title + "</circle>";
}

std::string legend(const std::vector<Curve2d>& lines) {
    constexpr double sample = 26;
    constexpr double a_letter = 8.6;  // at most, about, where letters are large for a narrow window
    double x = left_edge;
    std::string svg;
    for (const Curve2d& line : lines) {
        svg += format("<line class='curve %s' x1='%.1f' y1='12' x2='%.1f' y2='12'/>", line.look.c_str(), x, x + sample);
        if (line.look != "by-step") svg += mark(line.look, x + sample / 2, 12, "");
        svg += format("<text class='name' x='%.1f' y='16.5'>", x + sample + 6) + escaped(line.name) + "</text>";
        x += sample + 6 + a_letter * static_cast<double>(line.name.size()) + 14;
    }
    return svg;
}

}  // namespace

std::string chart(const std::string& id, const std::string& title, const std::string& description, const std::string& values,
                  const std::vector<Curve2d>& lines) {
    double last = 1;
    double highest = 0;
    for (const Curve2d& line : lines) {
        for (const auto& [x, y] : line.points) {
            last = std::max(last, x);
            highest = std::max(highest, y);
        }
    }
    const std::vector<double> across = round_ticks(last, 8, true);
    const std::vector<double> up = round_ticks(highest, 6, false);
    const auto at_x = [&](double x) { return left_edge + (right_edge - left_edge) * x / last; };
    const auto at_y = [&](double y) { return bottom_edge - (bottom_edge - top_edge) * y / up.back(); };

    std::string svg = "<figure><figcaption>" + escaped(title) + "</figcaption>";
    svg += format("<svg class='chart' viewBox='0 0 %.0f %.0f' role='img' aria-labelledby='%s-title %s-text'>", whole_width,
                  whole_height, id.c_str(), id.c_str());
    svg += "<title id='" + id + "-title'>" + escaped(title) + "</title><desc id='" + id + "-text'>" + escaped(description) +
           "</desc>";
    for (const double y : up) {
        svg += format("<line class='%s' x1='%.1f' x2='%.1f' y1='%.1f' y2='%.1f'/>", y > 0 ? "grid" : "axis", left_edge,
                      right_edge, at_y(y), at_y(y));
        svg += format("<text class='tick up' x='%.1f' y='%.1f'>%s</text>", left_edge - 7, at_y(y) + 4.5,
                      tick_label(y, up[1]).c_str());
    }
    for (const double x : across) {
        if (x > last) break;  // (whole epochs; the last may stand between two ticks)
        svg += format("<line class='axis' x1='%.1f' x2='%.1f' y1='%.1f' y2='%.1f'/>", at_x(x), at_x(x), bottom_edge,
                      bottom_edge + 4);
        svg +=
            format("<text class='tick' x='%.1f' y='%.1f'>%s</text>", at_x(x), bottom_edge + 18, tick_label(x, across[1]).c_str());
    }
    svg += format("<text class='tick' x='%.1f' y='%.1f'>epochs</text>", (left_edge + right_edge) / 2, whole_height - 6);
    svg += format("<text class='tick' transform='translate(14 %.1f) rotate(-90)'>", (top_edge + bottom_edge) / 2) +
           escaped(values) + "</text>";

    for (const Curve2d& line : lines) {
        svg += "<polyline class='curve " + line.look + "' points='";
        for (const auto& [x, y] : line.points) svg += format("%.1f,%.1f ", at_x(x), at_y(y));
        svg += "'/>";
    }
    for (const Curve2d& line : lines) {
        if (line.look == "by-step" || line.points.size() > most_marks) continue;
        for (const auto& [x, y] : line.points) {
            svg += mark(line.look, at_x(x), at_y(y), format("epoch %.0f, %s: %.4g", x, line.name.c_str(), y));
        }
    }
    return svg + legend(lines) + "</svg></figure>";
}

}  // namespace parts
