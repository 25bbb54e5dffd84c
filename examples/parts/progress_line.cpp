#include "progress_line.hpp"

#include "text.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace parts {

namespace {

std::string bar_of(double done, int width) {
    const int filled = static_cast<int>(done * width);
    std::string bar(static_cast<std::size_t>(width), '.');
    std::fill_n(bar.begin(), filled, '#');
    return "[" + bar + "]";
}

}  // namespace

std::string clock_time(double seconds) {
    constexpr double longest = 1e9;  // beyond it is a number that is none
    const long all = seconds >= 0 && seconds < longest ? std::lround(seconds) : std::lround(longest);
    if (all < 3600) return format("%ld:%02ld", all / 60, all % 60);
    return format("%ld:%02ld:%02ld", all / 3600, all / 60 % 60, all % 60);
}

std::string fitted_line(std::vector<LinePart> parts, std::size_t bar, double done, int columns) {
    constexpr std::size_t gap = 2;
    constexpr std::size_t brackets = 2;
    constexpr std::size_t widest_bar = 24;
    constexpr std::size_t narrowest_bar = 10;
    const auto room = static_cast<std::size_t>(std::max(columns, 0));
    const double share = done > 0 ? std::min(done, 1.0) : 0.0;
    parts[bar].text = format("%.0f %%", std::floor(100 * share));
    parts[bar].holds_bar = true;

    const auto length = [&] {
        std::size_t sum = (parts.size() - 1) * gap;
        for (const LinePart& part : parts) sum += part.text.size();
        return sum;
    };
    while (parts.size() > 1 && length() > room) {
        const auto less = [](const LinePart& a, const LinePart& b) { return a.importance < b.importance; };
        parts.erase(std::min_element(parts.begin(), parts.end(), less));
    }

    // A bar in the place of the percentage, if there is room for one that says as much.
    const auto place = std::find_if(parts.begin(), parts.end(), [](const LinePart& part) { return part.holds_bar; });
    if (parts.size() > 1 && place != parts.end()) {
        const std::size_t others = length() - place->text.size() + brackets;
        const std::size_t width = std::min(room - std::min(room, others), widest_bar);
        if (width >= narrowest_bar) place->text = bar_of(share, static_cast<int>(width));
    }

    std::string line;
    for (const LinePart& part : parts) line += (line.empty() ? "" : std::string(gap, ' ')) + part.text;
    return line.substr(0, room);
}

std::string progress_line(const ProgressState& state, int columns) {
    return fitted_line({{format("epoch %lld/%d", static_cast<long long>(state.epoch), state.epochs), 5},
                        {"", 4},
                        {format("%.0f images/s", state.images_per_second), 0},
                        {format("loss %.4f", state.loss), 1},
                        {format("error %5.2f %%", state.error), 2},
                        {clock_time(state.seconds_left) + " left", 3}},
                       1, state.done, columns);
}

}  // namespace parts
