// Learning rates as functions of the step.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include <residua/simd/isa.hpp>

namespace residua::inline RESIDUA_ISA {

// The same at every step.
struct Constant {
    double rate = 0.1;

    double operator()(std::int64_t) const { return rate; }
};

// Times `factor` at each of `drops`: the paper's schedule is Steps{0.1, {32'000, 48'000}}.
struct Steps {
    double rate = 0.1;
    std::vector<std::int64_t> drops;
    double factor = 0.1;

    double operator()(std::int64_t step) const {
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

    double operator()(std::int64_t step) const { return step < steps ? low : then(step); }
};
template <class Schedule>
WarmUp(double, std::int64_t, Schedule) -> WarmUp<Schedule>;

enum class Anneal { linear, cosine };

// One cycle (Smith and Topin 2017): from nearly zero up to `peak` over the first `rise` of the steps, and down to zero at the
// end.
struct OneCycle {
    double peak = 0.1;
    std::int64_t steps = 1;
    Anneal anneal = Anneal::linear;
    double rise = 0.3;

    double operator()(std::int64_t step) const {
        const double total = static_cast<double>(std::max<std::int64_t>(steps, 1));
        const double at = std::clamp((static_cast<double>(step) + 0.5) / total, 0.0, 1.0);
        const double height = at < rise ? at / rise : (1 - at) / (1 - rise);
        if (anneal == Anneal::linear) return peak * height;
        return peak * 0.5 * (1 - std::cos(std::numbers::pi * height));
    }
};

}  // namespace residua::inline RESIDUA_ISA
