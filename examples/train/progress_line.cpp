#include "progress_line.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

namespace train {

namespace {

template <class... A>
std::string text_of(const char* pattern, A... arguments) {
    char text[96];
    std::snprintf(text, sizeof text, pattern, arguments...);
    return text;
}

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
    if (all < 3600) return text_of("%ld:%02ld", all / 60, all % 60);
    return text_of("%ld:%02ld:%02ld", all / 3600, all / 60 % 60, all % 60);
}

std::string progress_line(const ProgressState& state, int columns) {
    constexpr std::size_t gap = 2;
    constexpr std::size_t brackets = 2;
    constexpr std::size_t widest_bar = 24;
    constexpr std::size_t narrowest_bar = 10;
    const auto room = static_cast<std::size_t>(std::max(columns, 0));
    const double done = state.done > 0 ? std::min(state.done, 1.0) : 0.0;

    struct Part {
        std::string text;
        int importance;  // the least important goes first
    };
    std::vector<Part> parts = {
        {text_of("epoch %lld/%d", static_cast<long long>(state.epoch), state.epochs), 5},
        {text_of("%.0f %%", std::floor(100 * done)), 4},
        {text_of("%.0f images/s", state.images_per_second), 0},
        {text_of("loss %.4f", state.loss), 1},
        {text_of("error %5.2f %%", state.error), 2},
        {clock_time(state.seconds_left) + " left", 3},
    };
    const auto length = [&] {
        std::size_t sum = (parts.size() - 1) * gap;
        for (const Part& part : parts) sum += part.text.size();
        return sum;
    };
    while (parts.size() > 1 && length() > room) {
        const auto less = [](const Part& a, const Part& b) { return a.importance < b.importance; };
        parts.erase(std::min_element(parts.begin(), parts.end(), less));
    }

    // A bar in the place of the percentage, if there is room for one that says as much.
    if (parts.size() > 1) {
        const std::size_t others = length() - parts[1].text.size() + brackets;
        const std::size_t width = std::min(room - std::min(room, others), widest_bar);
        if (width >= narrowest_bar) parts[1].text = bar_of(done, static_cast<int>(width));
    }

    std::string line;
    for (const Part& part : parts) line += (line.empty() ? "" : std::string(gap, ' ')) + part.text;
    return line.substr(0, room);
}

}  // namespace train
