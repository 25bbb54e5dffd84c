// Every other kernel, through the layer that uses it: Vectorised against PlainLoops, forward, inference and backward, on shapes
// that are no multiple of anything.
#include <doctest/doctest.h>

#include <residua/units/gating.hpp>

#include <residua/testing/bound_layer.hpp>

#include "apart.hpp"

#include <limits>

namespace residua::inline RESIDUA_ISA::testing {
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

// (Every shape is compiled anew: in double, where only the lanes differ, two will do.)
template <class Spec, class T>
void agree_everywhere() {
    agree<Spec, Signal(Shape{17, 2, 9}), T>(3);
    agree<Spec, Signal(Shape{5, 1, 1}), T>(9);
    if constexpr (std::is_same_v<T, float>) {
        agree<Spec, Signal(Shape{1, 7, 5}), T>(2);
        agree<Spec, Signal(Shape{100, 3, 3}), T>(1);
        agree<Spec, Signal(Shape{12, 3, 4}), T>(3);
    }
}

// What a layer adds to is as well tested as what it writes: as the end of a branch, and as a shortcut.
template <class L>
using OnBothPaths = Residual<Sequence<Conv<5, Kernel<1>>, L>, Sequence<Conv<5, Kernel<1>>, L>>;

TEST_CASE_TEMPLATE("batch normalisation", T, float, double) {
    agree_everywhere<BatchNorm<>, T>();
    agree_everywhere<BatchNorm<Real(1e-3), Real(0.3), false>, T>();
    agree_everywhere<NormRelu<BatchNorm<>>, T>();
    agree<OnBothPaths<BatchNorm<>>, Signal(Shape{3, 4, 5}), T>(3);
    agree<OnBothPaths<NormRelu<BatchNorm<>>>, Signal(Shape{3, 4, 5}), T>(3);
}
TEST_CASE_TEMPLATE("element-wise functions", T, float, double) {
    agree_everywhere<Relu, T>();
    agree_everywhere<LeakyRelu<Real(0.1)>, T>();
    agree_everywhere<Sigmoid, T>();
    agree_everywhere<Scale<Real(0.3)>, T>();
    agree_everywhere<Identity, T>();
    agree<OnBothPaths<Sigmoid>, Signal(Shape{3, 4, 5}), T>(3);
    agree<OnBothPaths<Relu>, Signal(Shape{3, 4, 5}), T>(3);
}
TEST_CASE_TEMPLATE("dropout counts the same mask for any lanes", T, float, double) {
    agree_everywhere<Dropout<Real(0.3)>, T>();
    agree_everywhere<Dropout<Real(0.5), DropoutScaling::plain>, T>();
    agree<OnBothPaths<Dropout<>>, Signal(Shape{3, 4, 5}), T>(3);
}
TEST_CASE_TEMPLATE("pooling", T, float, double) {
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
TEST_CASE_TEMPLATE("linear", T, float, double) {
    agree_everywhere<Linear<7>, T>();
    agree<Linear<100>, Signal(Shape{64}), T>(5);
    agree<OnBothPaths<Linear<7>>, Signal(Shape{3, 4, 5}), T>(3);
}
TEST_CASE_TEMPLATE("options A and A2", T, float, double) {
    agree<Subsample<20, 2>, Signal(Shape{5, 7, 6}), T>(3);
    agree<Subsample<20, 2, Zeros::half_in_front>, Signal(Shape{5, 7, 6}), T>(3);
    agree<Subsample<48, 2, Zeros::half_in_front>, Signal(Shape{16, 4, 4}), T>(3);
    agree<Subsample<17, 1>, Signal(Shape{12, 3, 3}), T>(9);
    agree<Residual<Conv<12, Stride<2>>, Subsample<12, 2>>, Signal(Shape{5, 7, 6}), T>(3);
    agree<Residual<Conv<12, Stride<2>>, Subsample<12, 2, Zeros::half_in_front>>, Signal(Shape{5, 7, 6}), T>(3);
}
TEST_CASE_TEMPLATE("gates", T, float, double) {
    agree<Residual<Conv<5>, ExclusiveGating<Real(-1)>>, Signal(Shape{5, 4, 3}), T>(3);
    agree<Residual<Conv<17>, ShortcutOnlyGating<Real(0)>>, Signal(Shape{17, 4, 3}), T>(9);
}
TEST_CASE_TEMPLATE("convolutions that activate while they load", T, float, double) {
    agree<NormReluConv<BatchNorm<>, Conv<12>>, Signal(Shape{5, 4, 3}), T>(3);
    agree<NormReluConv<BatchNorm<>, Conv<5, Kernel<1>>>, Signal(Shape{17, 3, 3}), T>(9);
    agree<NormReluConv<BatchNorm<>, Conv<20, Stride<2>>>, Signal(Shape{12, 5, 5}), T>(1);
    agree<Residual<Sequence<BatchNorm<>, Relu, Conv<5>>, Identity>, Signal(Shape{5, 4, 3}), T>(3);
}

// ---- what is not a number

template <class Spec, class T>
std::vector<T> through(T value) {
    BoundLayer<Spec, Signal(Shape{1, 1, 3}), Vectorised<T>> layer(1);
    layer.x = {T(1), value, T(-2)};
    return layer.template forward<Mode::training>();
}

TEST_CASE_TEMPLATE("NaN passes through ReLU and max pooling, as in PyTorch", T, float, double) {
    const T nan = std::numeric_limits<T>::quiet_NaN();
    const T infinity = std::numeric_limits<T>::infinity();
    CHECK(std::isnan(through<Relu>(nan)[1]));
    CHECK(through<Relu>(nan)[2] == 0);
    CHECK(through<Relu>(infinity)[1] == infinity);
    CHECK(through<Relu>(-infinity)[1] == 0);
    CHECK(std::isnan(through<LeakyRelu<>>(nan)[1]));
    CHECK(std::isnan(through<MaxPool<1>>(nan)[1]));
    CHECK(std::isnan(through<Residual<MaxPool<1>, Identity>>(nan)[1]));

    BoundLayer<MaxPool<3, Stride<1>, Padding<1>>, Signal(Shape{1, 1, 5}), Vectorised<T>> pool(1);
    pool.x = {T(1), T(2), nan, T(9), T(3)};
    const std::vector<T> y = pool.template forward<Mode::training>();
    CHECK(y[0] == 2);
    for (const Size i : {Size(1), Size(2), Size(3)}) CHECK(std::isnan(y[i]));
    CHECK(y[4] == 9);
    pool.dy = {T(1), T(10), T(100), T(1000), T(10000)};
    CHECK(pool.backward() == std::vector<T>{T(0), T(1), T(1110), T(10000), T(0)});
}

TEST_CASE_TEMPLATE("infinity does not reach the lanes beyond the last channel", T, float, double) {
    const auto check = [](auto layer) {
        layer.fill(1);
        layer.x[0] = std::numeric_limits<T>::infinity();
        layer.template forward<Mode::inference>();
        CHECK(layer.padding_is_zero());
    };
    check(BoundLayer<Sigmoid, Signal(Shape{3, 2, 2}), Vectorised<T>>(1));
    check(BoundLayer<BatchNorm<>, Signal(Shape{3, 2, 2}), Vectorised<T>>(1));
    check(BoundLayer<Conv<5>, Signal(Shape{3, 2, 2}), Vectorised<T>>(1));
    check(BoundLayer<Linear<5>, Signal(Shape{3, 2, 2}), Vectorised<T>>(1));
    check(BoundLayer<Dropout<>, Signal(Shape{3, 2, 2}), Vectorised<T>>(1));
}

TEST_CASE_TEMPLATE("moments do not depend on how blocks are cut", T, float, double) {
    constexpr Shape s{40, 7, 5};
    using K = Vectorised<T>;
    constexpr int blocks = blocks_of(s.channels, K::lanes);
    const Size wide = 2 * static_cast<Size>(padded(s.channels, K::lanes));
    Buffer<T> image(stored(s, K::lanes));
    Numbers numbers(1);
    for (T& value : image.span()) value = static_cast<T>(100 + numbers.next());
    Buffer<T> whole(wide);
    Buffer<T> cut(wide);
    K::moments(image.data(), s, {0, blocks}, whole.data());
    for (int b = blocks; b-- > 0;) K::moments(image.data(), s, {b, b + 1}, cut.data());
    CHECK(std::equal(whole.data(), whole.data() + wide, cut.data()));
}

}  // namespace
}  // namespace residua::inline RESIDUA_ISA::testing
