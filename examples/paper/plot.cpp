#include "plot.hpp"

#include "../parts/html.hpp"
#include "../parts/ticks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace paper {

using parts::escaped;
using parts::format;
using parts::round_ticks;
using parts::tick_label;

namespace {

constexpr double width = 620;
constexpr double left = 66;
constexpr double top = 40;
constexpr double plot_height = 300;

// Seven colours that those can tell apart, too, who see no red or no green (Okabe and Ito), dark enough for lines on white; from
// the eighth on they come again with dots on them.
constexpr std::array colours = {"#0072b2", "#d55e00", "#009e73", "#a65b8b", "#b8860b", "#3a8fc2", "#555555"};

// The picture says its own colours, for it stands alone, too: on white.
std::string opened(double height, const std::string& title) {
    return format(
               "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %.0f %.0f' role='img' font-family='system-ui,sans-serif' "
               "font-size='13'>",
               width, height) +
           "<title>" + escaped(title) + "</title>" + format("<rect width='%.0f' height='%.0f' fill='#ffffff'/>", width, height);
}
std::string words(double x, double y, const char* anchor, const std::string& text, const char* more = "") {
    return format("<text x='%.1f' y='%.1f' text-anchor='%s' fill='#222222' %s>", x, y, anchor, more) + escaped(text) + "</text>";
}
std::string stroke(double x1, double y1, double x2, double y2, const char* colour, double thickness) {
    return format("<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' stroke='%s' stroke-width='%.1f'/>", x1, y1, x2, y2, colour,
                  thickness);
}

// Round numbers between two that are above zero, for a logarithmic axis of two powers of ten or less: 1, 2 and 5 times those, or
// where that is too few, the multiples of one.
std::vector<double> round_ticks_within(double low, double high) {
    std::vector<double> ticks;
    for (double power = std::pow(10.0, std::floor(std::log10(low))); power <= high; power *= 10) {
        for (const double factor : {1.0, 2.0, 5.0}) {
            if (factor * power >= low && factor * power <= high) ticks.push_back(factor * power);
        }
    }
    if (ticks.size() >= 3) return ticks;

    ticks.clear();
    const double step = round_ticks(high - low, 6, false)[1];
    for (double tick = step * std::ceil(low / step); tick <= high; tick += step) ticks.push_back(tick);
    return ticks;
}

// From values to places between two ends of the picture.
class Scale {
public:
    Scale(const Axis& axis, double low, double high, double begin, double end)
        : logarithmic_(axis.logarithmic), begin_(begin), end_(end) {
        if (!(low <= high)) {
            low = logarithmic_ ? 1 : 0;
            high = logarithmic_ ? 10 : 1;
        }
        if (logarithmic_) {
            low_ = std::log10(low);
            high_ = std::log10(high);
            if (high_ - low_ > 2) {
                low_ = std::floor(low_ + 1e-9);
                high_ = std::ceil(high_ - 1e-9);
                const double step = std::ceil((high_ - low_) / 7);
                for (double power = low_; power <= high_ + 1e-9; power += step) ticks_.push_back(std::pow(10.0, power));
            } else {
                const double room = std::max(0.05 * (high_ - low_), 0.01);
                low_ -= room;
                high_ += room;
                ticks_ = round_ticks_within(std::pow(10.0, low_), std::pow(10.0, high_));
            }
        } else {
            ticks_ = round_ticks(high, 6, axis.whole);
            low_ = 0;
            high_ = ticks_.back();
        }
    }

    double place(double value) const {
        const double at = logarithmic_ ? std::log10(value) : value;
        return begin_ + (end_ - begin_) * (at - low_) / std::max(high_ - low_, 1e-12);
    }
    bool has(double value) const { return std::isfinite(value) && (!logarithmic_ || value > 0); }
    const std::vector<double>& ticks() const { return ticks_; }
    std::string label(std::size_t i) const {
        if (!logarithmic_) return tick_label(ticks_[i], ticks_.size() > 1 ? ticks_[1] : 1);
        const double power = std::log10(ticks_[i]);
        const bool is_power = std::fabs(power - std::round(power)) < 1e-9;
        return is_power && std::fabs(power) > 3.5 ? format("1e%.0f", power) : format("%.4g", ticks_[i]);
    }

private:
    bool logarithmic_;
    double begin_;
    double end_;
    double low_ = 0;
    double high_ = 1;
    std::vector<double> ticks_;
};

struct Reach {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();

    void add(double value, bool logarithmic) {
        if (!std::isfinite(value) || (logarithmic && value <= 0)) return;
        low = std::min(low, value);
        high = std::max(high, value);
    }
};

std::string ring(double x, double y, const char* colour) {
    return format("<circle cx='%.1f' cy='%.1f' r='6' fill='none' stroke='%s' stroke-width='2.4'/>", x, y, colour);
}

std::string legend(const std::vector<Line>& lines, double below, double& bottom) {
    constexpr double a_letter = 7;
    std::string svg;
    double x = left;
    double y = below;
    for (const Line& line : lines) {
        if (line.name.empty()) continue;
        const double needed = 34 + a_letter * static_cast<double>(line.name.size());
        if (x > left && x + needed > width - 10) {
            x = left;
            y += 19;
        }
        if (line.ring) {
            svg += ring(x + 12, y - 4, colours[line.colour % colours.size()]);
        } else {
            svg += format("<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' stroke='%s' stroke-width='2.2'%s/>", x, y - 4, x + 24,
                          y - 4, colours[line.colour % colours.size()], line.dashed ? " stroke-dasharray='6 4'" : "");
        }
        if (line.colour >= colours.size()) {
            svg +=
                format("<circle cx='%.1f' cy='%.1f' r='3.5' fill='%s'/>", x + 12, y - 4, colours[line.colour % colours.size()]);
        }
        svg += words(x + 29, y, "start", line.name);
        x += needed + 14;
    }
    bottom = y + 12;
    return svg;
}

std::string drawn(const Line& line, const Scale& across, const Scale& up) {
    const char* colour = colours[line.colour % colours.size()];
    if (line.ring) {
        std::string rings;
        for (const auto& [x, y] : line.points) rings += ring(across.place(x), up.place(y), colour);
        return rings;
    }
    std::string points;
    std::string dots;
    std::size_t count = 0;
    // (A line of few points is those points; a colour that comes again is told by a few dots.)
    constexpr std::size_t few = 12;
    const bool is_short = line.points.size() <= few;
    const bool has_dots = is_short || (line.colour >= colours.size() && !line.thin);
    const std::size_t between_dots = is_short ? 1 : line.points.size() / 8;
    for (const auto& [x, y] : line.points) {
        if (!across.has(x) || !up.has(y)) continue;
        points += format("%.1f,%.1f ", across.place(x), up.place(y));
        if (has_dots && count++ % between_dots == 0) {
            dots += format("<circle cx='%.1f' cy='%.1f' r='%s' fill='%s'/>", across.place(x), up.place(y),
                           line.thin ? "2" : "3.5", colour);
        }
    }
    return format("<polyline fill='none' stroke='%s' stroke-width='%s' stroke-linejoin='round'%s points='", colour,
                  line.thin ? "1' stroke-opacity='0.45" : "2.2", line.dashed ? " stroke-dasharray='6 4'" : "") +
           points + "'/>" + dots;
}

}  // namespace

std::string svg_of(const Plot& plot) {
    const bool has_right = !plot.right.name.empty();
    const double right_end = width - (has_right ? 62 : 20);
    const double bottom = top + plot_height;
    Reach x_reach;
    Reach left_reach;
    Reach right_reach;
    for (const Line& line : plot.lines) {
        for (const auto& [x, y] : line.points) {
            x_reach.add(x, plot.across.logarithmic);
            (line.right ? right_reach : left_reach).add(y, (line.right ? plot.right : plot.left).logarithmic);
        }
    }
    const Scale across(plot.across, x_reach.low, x_reach.high, left, right_end);
    const Scale up(plot.left, left_reach.low, left_reach.high, bottom, top);
    const Scale up_right(plot.right, right_reach.low, right_reach.high, bottom, top);

    std::string svg;
    for (std::size_t i = 0; i < up.ticks().size(); ++i) {
        const double y = up.place(up.ticks()[i]);
        svg += stroke(left, y, right_end, y, "#dddddd", 1) + words(left - 7, y + 4.5, "end", up.label(i));
    }
    for (std::size_t i = 0; has_right && i < up_right.ticks().size(); ++i) {
        const double y = up_right.place(up_right.ticks()[i]);
        svg += stroke(right_end, y, right_end + 4, y, "#555555", 1) + words(right_end + 8, y + 4.5, "start", up_right.label(i));
    }
    for (std::size_t i = 0; i < across.ticks().size(); ++i) {
        const double x = across.place(across.ticks()[i]);
        svg += stroke(x, bottom, x, bottom + 4, "#555555", 1) + words(x, bottom + 18, "middle", across.label(i));
    }
    svg += stroke(left, bottom, right_end, bottom, "#555555", 1);
    svg += words((left + right_end) / 2, bottom + 37, "middle", plot.across.name);
    const auto sideways = [&](double x, const std::string& text) {
        return words(0, 0, "middle", text, format("transform='translate(%.1f %.1f) rotate(-90)'", x, (top + bottom) / 2).c_str());
    };
    svg += sideways(16, plot.left.name);
    if (has_right) svg += sideways(width - 8, plot.right.name);
    for (const Line& line : plot.lines) svg += drawn(line, across, line.right ? up_right : up);

    double height = 0;
    svg += legend(plot.lines, bottom + 62, height);
    svg += words(left, 22, "start", plot.title, "font-weight='600' font-size='15'");
    return opened(height, plot.title) + svg + "</svg>";
}

std::string svg_of_dots(const std::string& title, const std::string& values, const std::vector<DotRow>& rows) {
    constexpr double names_end = 250;
    constexpr double a_row = 27;
    const double right_end = width - 24;
    const double bottom = top + 8 + a_row * static_cast<double>(rows.size());
    Reach reach;
    for (const DotRow& row : rows) {
        for (const double value : {row.paper, row.median, row.low, row.high}) reach.add(value, false);
    }
    const Scale across(Axis{}, reach.low, reach.high, names_end, right_end);

    std::string svg;
    for (std::size_t i = 0; i < across.ticks().size(); ++i) {
        const double x = across.place(across.ticks()[i]);
        svg += stroke(x, top, x, bottom, "#dddddd", 1) + words(x, bottom + 18, "middle", across.label(i));
    }
    double y = top + 8 + a_row / 2;
    for (const DotRow& row : rows) {
        svg += words(names_end - 10, y + 4.5, "end", row.name);
        if (across.has(row.low) && across.has(row.high)) {
            svg += stroke(across.place(row.low), y, across.place(row.high), y, colours[0], 5);
        }
        if (across.has(row.median)) {
            svg += format("<circle cx='%.1f' cy='%.1f' r='5.5' fill='%s'/>", across.place(row.median), y, colours[0]);
        }
        if (across.has(row.paper)) {
            svg += format("<circle cx='%.1f' cy='%.1f' r='6' fill='none' stroke='%s' stroke-width='2.4'/>",
                          across.place(row.paper), y, colours[1]);
            if (row.beyond) svg += words(across.place(row.paper) + 11, y + 4.5, "start", "\u2192");
        }
        y += a_row;
    }
    svg += words((names_end + right_end) / 2, bottom + 37, "middle", values);
    const double line = bottom + 60;
    svg += format("<circle cx='%.1f' cy='%.1f' r='5.5' fill='%s'/>", names_end, line - 4, colours[0]) +
           words(names_end + 11, line, "start", "ours: median, reach of seeds");
    const bool has_paper = std::any_of(rows.begin(), rows.end(), [](const DotRow& row) { return !std::isnan(row.paper); });
    if (has_paper) {
        svg += ring(names_end + 232, line - 4, colours[1]) + words(names_end + 243, line, "start", "the paper's");
    }
    svg += words(20, 22, "start", title, "font-weight='600' font-size='15'");
    return opened(line + 14, title) + svg + "</svg>";
}

}  // namespace paper
