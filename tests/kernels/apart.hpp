// How far two rows of numbers are apart.
#pragma once

#include <doctest/doctest.h>

#include <residua/core/shape.hpp>

#include <algorithm>
#include <cmath>

namespace residua::inline RESIDUA_ISA::testing {

// The largest difference over the largest of b; NaN if there is one.
double apart(const auto& a, const auto& b) {
    double difference = 0;
    double size = 1e-30;
    REQUIRE(a.size() == b.size());
    for (Size i = 0; i < a.size(); ++i) {
        const double d = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
        difference = d <= difference ? difference : d;
        size = std::max(size, std::abs(static_cast<double>(b[i])));
    }
    return difference / size;
}

}  // namespace residua::inline RESIDUA_ISA::testing
