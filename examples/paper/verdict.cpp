#include "verdict.hpp"

#include "../parts/text.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace paper {

namespace {

constexpr double level = 0.05;
constexpr double rounding = 1e-9;  // 1/20 is no binary fraction

}  // namespace

const char* text_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::confirmed: return "confirmed";
        case Verdict::refuted: return "refuted";
        case Verdict::open: return "open";
        case Verdict::not_run: return "not run";
        default: return "not judged";
    }
}

Summary summary_of(std::vector<double> values) {
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    values.erase(std::remove_if(values.begin(), values.end(), [](double value) { return std::isnan(value); }), values.end());
    if (values.empty()) return {none, none, none};
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    const bool has_middle = values.size() % 2 == 1;
    return {has_middle ? values[middle] : (values[middle - 1] + values[middle]) / 2, values.front(), values.back()};
}

double chance_above(const std::vector<double>& first, const std::vector<double>& second) {
    std::size_t above = 0;
    for (const double a : first) {
        above += static_cast<std::size_t>(std::count_if(second.begin(), second.end(), [&](double b) { return a > b; }));
    }

    // ways[i][u]: in how many orders of i of the first group among those of the second so far u pairs are above. One more of
    // the second group, behind all others, is below none of them: so orders are counted by what stands last.
    const std::size_t n = first.size();
    const std::size_t m = second.size();
    std::vector<std::vector<double>> ways(n + 1, std::vector<double>(n * m + 1, 0.0));
    for (std::size_t i = 0; i <= n; ++i) ways[i][0] = 1;
    for (std::size_t j = 1; j <= m; ++j) {
        for (std::size_t i = 1; i <= n; ++i) {
            // The largest is of the first group, and above all j; or of the second.
            for (std::size_t u = n * m + 1; u-- > 0;) ways[i][u] += u >= j ? ways[i - 1][u - j] : 0;
        }
    }
    double all = 0;
    double as_clear = 0;
    for (std::size_t u = 0; u <= n * m; ++u) {
        all += ways[n][u];
        if (u >= above) as_clear += ways[n][u];
    }
    return as_clear / all;
}

std::string rule_of(const Expectation& expectation) {
    const std::string what = text_of(expectation.measure).name;
    const std::string direction = expectation.higher ? "higher" : "lower";
    if (expectation.than.empty()) {
        const std::string bound = parts::format("%g", expectation.bound);
        return "confirmed if the median of " + what + " is " + (expectation.higher ? "above " : "below ") + bound +
               ", else refuted";
    }
    return "confirmed if " + what + " is " + direction + " than that of '" + expectation.than +
           "' by the exact rank test at 5 %, refuted if it is " + (expectation.higher ? "lower" : "higher") +
           " by the same test, else open";
}

Verdict verdict_on(const Expectation& expectation, const std::vector<double>& values, const std::vector<double>& others) {
    const auto is_none = [](double value) { return std::isnan(value); };
    if (values.empty() || std::any_of(values.begin(), values.end(), is_none)) return Verdict::not_run;
    if (expectation.than.empty()) {
        const double median = summary_of(values).median;
        const bool holds = expectation.higher ? median > expectation.bound : median < expectation.bound;
        return holds ? Verdict::confirmed : Verdict::refuted;
    }
    if (others.empty() || std::any_of(others.begin(), others.end(), is_none)) return Verdict::not_run;
    const std::vector<double>& larger = expectation.higher ? values : others;
    const std::vector<double>& smaller = expectation.higher ? others : values;
    if (chance_above(larger, smaller) <= level + rounding) return Verdict::confirmed;
    if (chance_above(smaller, larger) <= level + rounding) return Verdict::refuted;
    return Verdict::open;
}

}  // namespace paper
