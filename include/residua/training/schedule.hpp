// Learning rates as functions of the step.
#pragma once

#include <residua/core/error.hpp>
#include <residua/simd/elementary.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace residua::inline RESIDUA_ISA {

namespace detail {

// A learning rate is a number of zero or more: an infinite one, or none at all, is in no network's interest. `most` is the
// largest number of the scalar that computes with it, beyond which it is infinite there.
inline void expect_rate(const char* what, double rate, double most = std::numeric_limits<double>::max()) {
    if (std::isfinite(rate) && rate > most) {
        fail({"residua: ", what, ": expected at most ", shown(most), ", the network's largest number, found ", shown(rate)});
    }
    if (std::isfinite(rate) && rate >= 0) return;
    fail({"residua: ", what, ": expected a finite number of 0 or more, found ", shown(rate)});
}

}  // namespace detail

// Each schedule throws an Error, whatever the step, if one of its own numbers makes no sense.

// The same at every step.
struct Constant {
    double rate = 0.1;

    double operator()(std::int64_t) const {
        detail::expect_rate("learning rate", rate);
        return rate;
    }
};

// Times `factor` at each of `drops`: the paper's schedule is Steps{0.1, {32'000, 48'000}}.
struct Steps {
    double rate = 0.1;
    std::vector<std::int64_t> drops;
    double factor = 0.1;

    double operator()(std::int64_t step) const {
        detail::expect_rate("learning rate", rate);
        detail::expect_rate("factor of the learning rate", factor);
        double result = rate;
        for (const std::int64_t drop : drops) {
            if (step >= drop) result *= factor;
        }
        return result;
    }
};

// `low` for the first `steps`, then another schedule: the paper trains its first 400 steps with 0.01.
template <class Schedule>
struct WarmUp {
    double low = 0.01;
    std::int64_t steps = 400;
    Schedule then;

    double operator()(std::int64_t step) const {
        detail::expect_rate("learning rate of the warm-up", low);
        return step < steps ? low : then(step);
    }
};
template <class Schedule>
WarmUp(double, std::int64_t, Schedule) -> WarmUp<Schedule>;

// The form of a rise or a fall: a line, or half a wave.
enum class Anneal { linear, cosine };

// One cycle (Smith and Topin 2017): from nearly zero up to `peak` over the first `rise` of the steps, and down to zero at the
// end. A rise of 1 only rises, and stays at the peak.
struct OneCycle {
    double peak = 0.1;
    std::int64_t steps = 1;  // at least 1
    Anneal anneal = Anneal::linear;
    double rise = 0.3;  // 0 to 1

    double operator()(std::int64_t step) const {
        detail::expect_rate("peak of the learning rate", peak);
        if (steps < 1) fail({"residua: one cycle: expected at least 1 step, found ", steps});
        if (!(rise >= 0 && rise <= 1)) fail({"residua: one cycle: expected a rise of 0 to 1, found ", shown(rise)});

        const double total = static_cast<double>(steps);
        const double at = std::clamp((static_cast<double>(step) + 0.5) / total, 0.0, 1.0);
        const double fall = rise < 1 ? (1 - at) / (1 - rise) : 1;
        const double height = at < rise ? at / rise : fall;
        if (anneal == Anneal::linear) return peak * height;
        return peak * 0.5 * (1 - simd::of_turns(0.5 * height).cosine);
    }
};

}  // namespace residua::inline RESIDUA_ISA
