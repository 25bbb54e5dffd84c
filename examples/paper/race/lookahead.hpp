// Weights that are averaged while they are trained (lookahead; Zhang et al. 2019).
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace paper::race {

// Every five steps the average goes some way towards the weights, and they go on from it: nearly all the way at the beginning, a
// fifth of it at the end. After the last step the average stays as it is, and the weights are what it is.
class Lookahead {
public:
    explicit Lookahead(std::span<const float> values) : average_(values.begin(), values.end()) {}

    void after(std::int64_t step, std::int64_t steps, std::span<float> values) {
        if (step % every != 0 && step != steps) return;
        const double at = static_cast<double>(step) / static_cast<double>(steps);
        const double kept = step == steps ? 1 : std::pow(0.95, every) * at * at * at;
        const float moved = static_cast<float>(1 - kept);
        for (std::size_t i = 0; i < values.size(); ++i) {
            average_[i] += moved * (values[i] - average_[i]);
            values[i] = average_[i];
        }
    }

private:
    static constexpr int every = 5;

    std::vector<float> average_;
};

}  // namespace paper::race
