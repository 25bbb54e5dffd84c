// The progress of a run on standard output: a line that is written over in a terminal, a line now and then elsewhere.
#pragma once

#include "progress_line.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

#include <sys/ioctl.h>
#include <unistd.h>

namespace parts {

// What a bar is where standard output is no terminal.
enum class Elsewhere { lines, nothing };

// In a terminal the line is never wider than the window is at that moment, less one column: one that reaches the last column
// moves the cursor to the next line in some. (80 where the terminal does not say.) Elsewhere it is a line of its own, every few
// seconds, or nothing.
class ProgressBar {
public:
    explicit ProgressBar(Elsewhere elsewhere = Elsewhere::lines) : elsewhere_(elsewhere) {}
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;
    ~ProgressBar() { end(); }

    void show(const ProgressState& state) {
        show(state.done >= 1, [&](int width) { return progress_line(state, width); });
    }

    // Any line, made for so many columns. The last is shown in any case.
    template <class Line>
    void show(bool ends, Line line_of) {
        if (!watched_ && elsewhere_ == Elsewhere::nothing) return;
        const auto now = std::chrono::steady_clock::now();
        const bool is_last = watched_ && ends;
        if (!is_last && now - shown_ < pause()) return;
        shown_ = now;

        if (!watched_) {
            std::printf("%s\n", line_of(unwatched_columns).c_str());
        } else {
            write_over(line_of(columns() - 1));
        }
        std::fflush(stdout);
    }

    // Other text may follow, where the line began.
    void end() {
        if (length_ == 0) return;
        write_over("");
        std::printf("\r");
        std::fflush(stdout);
    }

private:
    static constexpr int unwatched_columns = 79;

    std::chrono::milliseconds pause() const { return std::chrono::milliseconds(watched_ ? 200 : 5'000); }

    static int columns() {
        struct winsize window {};
        const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0;
        return known ? window.ws_col : 80;
    }

    // With blanks over what the line before leaves, as far as the window goes.
    void write_over(const std::string& line) {
        const std::size_t room = static_cast<std::size_t>(columns() - 1);
        std::string blanks;
        if (length_ > line.size() && line.size() < room) blanks.assign(std::min(length_, room) - line.size(), ' ');
        std::printf("\r%s%s", line.c_str(), blanks.c_str());
        length_ = line.size();
    }

    Elsewhere elsewhere_;
    bool watched_ = ::isatty(STDOUT_FILENO) != 0;
    std::size_t length_ = 0;  // of the line that stands there
    std::chrono::steady_clock::time_point shown_{};
};

}  // namespace parts
