// Vectorised against PlainLoops through a layer: forward, inference and backward, on shapes that are no multiple of anything.
#pragma once

#include <doctest/doctest.h>

#include <residua/units/branch_end.hpp>
#include <residua/units/gating.hpp>

#include <residua/testing/bound_layer.hpp>

#include "apart.hpp"

namespace residua::inline RESIDUA_ISA::testing {

// (Unnamed, for each program that includes it: its checks are templates over what that program tests.)
namespace {

template <class Spec, Signal In, class T>
void agree(int images) {
    CAPTURE(In.channels);
    BoundLayer<Spec, In, Vectorised<T>> ours(images, 2);
    BoundLayer<Spec, In, PlainLoops<double>> theirs(images);
    ours.fill(5);
    theirs.fill(5);
    const auto copy = [](const auto& from, auto& to) {
        for (Size i = 0; i < from.size(); ++i) to[i] = static_cast<double>(from[i]);
    };
    copy(ours.x, theirs.x);
    copy(ours.dy, theirs.dy);
    copy(ours.parameters, theirs.parameters);
    copy(ours.statistics, theirs.statistics);

    const double most = std::is_same_v<T, double> ? 1e-12 : 2e-5;
    CHECK(apart(ours.template forward<Mode::inference>(), theirs.template forward<Mode::inference>()) < most);
    CHECK(apart(ours.template forward<Mode::training>(), theirs.template forward<Mode::training>()) < most);
    CHECK(apart(ours.backward(), theirs.backward()) < 10 * most);
    CHECK(apart(ours.gradients, theirs.gradients) < 10 * most);
    CHECK(apart(ours.statistics, theirs.statistics) < most);
    CHECK(ours.padding_is_zero());
}

// (Every shape is compiled anew, for each scalar. Where a sanitizer makes twice the code of it, and on processors other than this
// one, where only registers differ, it is float and two shapes: reference cases have both scalars there, and but for sanitizers
// golden values have. In double, where only the lanes differ, two will do, too.)
#if defined(RESIDUA_TEST_KERNELS_ONLY) || defined(RESIDUA_TEST_SHORT)
#define RESIDUA_TEST_SCALARS float
inline constexpr bool every_shape = false;
#else
#define RESIDUA_TEST_SCALARS float, double
inline constexpr bool every_shape = true;
#endif

template <class Spec, class T>
void agree_everywhere() {
    agree<Spec, Signal(Shape{17, 2, 9}), T>(3);
    agree<Spec, Signal(Shape{5, 1, 1}), T>(9);
    if constexpr (every_shape && std::is_same_v<T, float>) {
        agree<Spec, Signal(Shape{1, 7, 5}), T>(2);
        agree<Spec, Signal(Shape{100, 3, 3}), T>(1);
        agree<Spec, Signal(Shape{12, 3, 4}), T>(3);
    }
}

// What a layer adds to is as well tested as what it writes: as the end of a branch, and as a shortcut.
template <class L>
using OnBothPaths = Residual<Sequence<Conv<5, Kernel<1>>, L>, Sequence<Conv<5, Kernel<1>>, L>>;

}  // namespace
}  // namespace residua::inline RESIDUA_ISA::testing
