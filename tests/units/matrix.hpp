// The product of unit, ordering, shortcut and (keeps, changes shape), and a network of each unit and ordering: a test file each.
#pragma once

#include <doctest/doctest.h>

#include <residua/networks/cifar.hpp>

#include <residua/testing/layer_check.hpp>

namespace residua::inline RESIDUA_ISA::testing {

template <class Order, template <int, int> class W, class Shortcut>
void check_unit() {
    constexpr Signal in(Shape{4, 5, 4}, true);

    const GradientError keeps = gradient_check<Unit<Order, W<4, 1>, Shortcut>, in>();
    INFO("keeps its shape, ", keeps.tensor);
    CHECK(keeps.relative < 2e-5);

    const GradientError changes = gradient_check<Unit<Order, W<8, 2>, Shortcut>, in>();
    INFO("changes its shape, ", changes.tensor);
    CHECK(changes.relative < 2e-5);
}

// A whole network: the stem, the first unit's activation before the split, stages that change their shape, the last activation.
template <class Order, template <int, int> class W>
void check_network() {
    constexpr Signal in(Shape{2, 7, 6});
    const GradientError error = gradient_check<cifar::Stages<1, W, 3, 4, 3, Order, Project>, in>();
    INFO(error.tensor);
    CHECK(error.relative < 2e-5);
}

}  // namespace residua::inline RESIDUA_ISA::testing

// One row of the matrix. Where tests must be short (sanitizers), one shortcut of each kind: added, projected, joined.
#define RESIDUA_TEST_MATRIX(Order, W)                                                                                           \
    namespace residua::inline RESIDUA_ISA::testing {                                                                            \
    TEST_CASE_TEMPLATE(#Order " " #W ": plain shortcuts", Shortcut, ZeroPadding, Project) { check_unit<Order, W, Shortcut>(); } \
    TEST_CASE_TEMPLATE(#Order " " #W ": gates", Shortcut, RESIDUA_TEST_GATES) { check_unit<Order, W, Shortcut>(); }             \
    TEST_CASE_TEMPLATE(#Order " " #W ": others", Shortcut, RESIDUA_TEST_OTHERS) { check_unit<Order, W, Shortcut>(); }           \
    TEST_CASE(#Order " " #W ": a network") { check_network<Order, W>(); }                                                       \
    }

#ifdef RESIDUA_TEST_SHORT
#define RESIDUA_TEST_GATES ExclusiveGating<Real(-1), Project>
#define RESIDUA_TEST_OTHERS ConstantScaling<Real(0.5), Real(0.8)>
#else
#define RESIDUA_TEST_GATES                                                                                           \
    ExclusiveGating<Real(-1)>, ExclusiveGating<Real(0.5), Project>, ShortcutOnlyGating<Real(-1)>, Highway<Real(-1)>, \
        Highway<Real(0.5), Project>
#define RESIDUA_TEST_OTHERS                                                                                               \
    CentredZeroPadding, ConstantScaling<Real(0.5), Real(0.8)>, ConstantScaling<Real(0.5), Real(0.5), Project>, Conv1x1<>, \
        Conv1x1<Project>, DropoutShortcut<>, DropoutShortcut<Real(0.3), DropoutScaling::inverted, Project>
#endif
