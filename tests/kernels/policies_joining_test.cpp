// What joins several values into one: pooling, linear layers, convolutions that activate; and shortcuts and gates.
#include "policies.hpp"

namespace residua::inline RESIDUA_ISA::testing {
namespace {

TEST_CASE_TEMPLATE("pooling", T, RESIDUA_TEST_SCALARS) {
    agree<MaxPool<3, Stride<2>, Padding<1>>, Signal(Shape{17, 7, 5}), T>(3);
    agree<MaxPool<2>, Signal(Shape{5, 4, 9}), T>(9);
    agree<MaxPool<2, Stride<3>, Padding<0, 1>>, Signal(Shape{100, 5, 5}), T>(1);
    agree<AveragePool<3, Stride<2>, Padding<1>>, Signal(Shape{17, 7, 5}), T>(3);
    agree<AveragePool<2>, Signal(Shape{5, 4, 9}), T>(9);
    agree_everywhere<GlobalAveragePool, T>();
    agree<OnBothPaths<MaxPool<3, Stride<2>, Padding<1>>>, Signal(Shape{3, 4, 5}), T>(3);
    agree<OnBothPaths<AveragePool<3, Stride<2>, Padding<1>>>, Signal(Shape{3, 4, 5}), T>(3);
    agree<OnBothPaths<GlobalAveragePool>, Signal(Shape{3, 4, 5}), T>(3);
}
TEST_CASE_TEMPLATE("linear", T, RESIDUA_TEST_SCALARS) {
    agree_everywhere<Linear<7>, T>();
    agree<Linear<100>, Signal(Shape{64}), T>(5);
    agree<OnBothPaths<Linear<7>>, Signal(Shape{3, 4, 5}), T>(3);
}
TEST_CASE_TEMPLATE("squeeze-and-excitation", T, RESIDUA_TEST_SCALARS) {
    agree_everywhere<SqueezeExcite<3>, T>();
    agree<OnBothPaths<SqueezeExcite<16>>, Signal(Shape{3, 4, 5}), T>(3);
}
TEST_CASE_TEMPLATE("options A and A2", T, RESIDUA_TEST_SCALARS) {
    agree<Subsample<20, 2>, Signal(Shape{5, 7, 6}), T>(3);
    agree<Subsample<20, 2, Zeros::half_in_front>, Signal(Shape{5, 7, 6}), T>(3);
    agree<Subsample<48, 2, Zeros::half_in_front>, Signal(Shape{16, 4, 4}), T>(3);
    agree<Subsample<17, 1>, Signal(Shape{12, 3, 3}), T>(9);
    agree<Residual<Conv<12, Stride<2>>, Subsample<12, 2>>, Signal(Shape{5, 7, 6}), T>(3);
    agree<Residual<Conv<12, Stride<2>>, Subsample<12, 2, Zeros::half_in_front>>, Signal(Shape{5, 7, 6}), T>(3);
}
TEST_CASE_TEMPLATE("gates", T, RESIDUA_TEST_SCALARS) {
    agree<Residual<Conv<5>, ExclusiveGating<Real(-1)>>, Signal(Shape{5, 4, 3}), T>(3);
    agree<Residual<Conv<17>, ShortcutOnlyGating<Real(0)>>, Signal(Shape{17, 4, 3}), T>(9);
}
TEST_CASE_TEMPLATE("convolutions that activate while they load", T, RESIDUA_TEST_SCALARS) {
    agree<NormReluConv<BatchNorm<>, Conv<12>>, Signal(Shape{5, 4, 3}), T>(3);
    agree<NormReluConv<BatchNorm<>, Conv<5, Kernel<1>>>, Signal(Shape{17, 3, 3}), T>(9);
    agree<NormReluConv<BatchNorm<>, Conv<20, Stride<2>>>, Signal(Shape{12, 5, 5}), T>(1);
    agree<Residual<Sequence<BatchNorm<>, Relu, Conv<5>>, Identity>, Signal(Shape{5, 4, 3}), T>(3);
}

}  // namespace
}  // namespace residua::inline RESIDUA_ISA::testing
