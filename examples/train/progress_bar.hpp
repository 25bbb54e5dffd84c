// A line that is written over while one watches, and now and then where nobody does.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>

#include <unistd.h>

namespace train {

class ProgressBar {
public:
    struct State {
        std::int64_t epoch = 0;  // counted from 1
        int epochs = 0;
        double done = 0;  // of the epoch
        double images_per_second = 0;
        double loss = 0;
        double error = 0;  // %
        double seconds_left = 0;
    };

    void show(const State& state) {
        const auto now = std::chrono::steady_clock::now();
        const auto pause = watched_ ? std::chrono::milliseconds(200) : std::chrono::milliseconds(10'000);
        if (state.done < 1 && now - shown_ < pause) return;
        shown_ = now;

        char bar[width + 1];
        const int filled = static_cast<int>(state.done * width);
        for (int i = 0; i < width; ++i) bar[i] = i < filled ? '#' : '.';
        bar[width] = 0;
        const long seconds = static_cast<long>(state.seconds_left);
        std::printf("%sepoch %lld/%d [%s] %6.0f images/s   loss %.4f   error %5.2f %%   %ld:%02ld left%s", watched_ ? "\r" : "",
                    static_cast<long long>(state.epoch), state.epochs, bar, state.images_per_second, state.loss, state.error,
                    seconds / 60, seconds % 60, watched_ ? "  " : "\n");
        std::fflush(stdout);
    }
    void end() const {
        if (watched_) std::printf("\n");
    }

private:
    static constexpr int width = 24;
    bool watched_ = isatty(STDOUT_FILENO) != 0;
    std::chrono::steady_clock::time_point shown_{};
};

}  // namespace train
