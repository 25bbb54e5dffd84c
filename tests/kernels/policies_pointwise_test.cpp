// What works on one value at a time, and batch normalisation, through the layers that use it; and what is not a number.
#include "policies.hpp"

#include <limits>

namespace residua::inline RESIDUA_ISA::testing {
namespace {

TEST_CASE_TEMPLATE("batch normalisation", T, RESIDUA_TEST_SCALARS) {
    agree_everywhere<BatchNorm<>, T>();
    agree_everywhere<BatchNorm<Real(1e-3), Real(0.3), Affine::none>, T>();
    agree_everywhere<NormRelu<BatchNorm<>>, T>();
    agree<OnBothPaths<BatchNorm<>>, Signal(Shape{3, 4, 5}), T>(3);
    agree<OnBothPaths<NormRelu<BatchNorm<>>>, Signal(Shape{3, 4, 5}), T>(3);
}
TEST_CASE_TEMPLATE("element-wise functions", T, RESIDUA_TEST_SCALARS) {
    agree_everywhere<Relu, T>();
    agree_everywhere<LeakyRelu<Real(0.1)>, T>();
    agree_everywhere<Sigmoid, T>();
    agree_everywhere<Scale<Real(0.3)>, T>();
    agree_everywhere<Identity, T>();
    agree<OnBothPaths<Sigmoid>, Signal(Shape{3, 4, 5}), T>(3);
    agree<OnBothPaths<Relu>, Signal(Shape{3, 4, 5}), T>(3);
}
TEST_CASE_TEMPLATE("a learned factor", T, RESIDUA_TEST_SCALARS) {
    agree_everywhere<LearnedScale<Real(0.7)>, T>();
    agree<OnBothPaths<LearnedScale<>>, Signal(Shape{3, 4, 5}), T>(3);
}
TEST_CASE_TEMPLATE("stochastic depth leaves out the same images for any lanes", T, RESIDUA_TEST_SCALARS) {
    agree_everywhere<StochasticDepth<Real(0.6)>, T>();
    agree<OnBothPaths<StochasticDepth<>>, Signal(Shape{3, 4, 5}), T>(3);
}
TEST_CASE_TEMPLATE("dropout counts the same mask for any lanes", T, RESIDUA_TEST_SCALARS) {
    agree_everywhere<Dropout<Real(0.3)>, T>();
    agree_everywhere<Dropout<Real(0.5), DropoutScaling::plain>, T>();
    agree<OnBothPaths<Dropout<>>, Signal(Shape{3, 4, 5}), T>(3);
}

// ---- what is not a number

template <class Spec, class T>
std::vector<T> through(T value) {
    BoundLayer<Spec, Signal(Shape{1, 1, 3}), Vectorised<T>> layer(1);
    layer.x = {T(1), value, T(-2)};
    return layer.template forward<Mode::training>();
}

TEST_CASE_TEMPLATE("NaN passes through ReLU and max pooling, as in PyTorch", T, RESIDUA_TEST_SCALARS) {
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

TEST_CASE_TEMPLATE("infinity does not reach the lanes beyond the last channel", T, RESIDUA_TEST_SCALARS) {
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
    check(BoundLayer<SqueezeExcite<2>, Signal(Shape{3, 2, 2}), Vectorised<T>>(1));
}

TEST_CASE_TEMPLATE("moments do not depend on how blocks are cut", T, RESIDUA_TEST_SCALARS) {
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
