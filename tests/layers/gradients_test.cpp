// Every layer's contract: gradients against central differences in double, sums, moments, threads; the vectorised kernels too.
#include <doctest/doctest.h>

#include <residua/units/gating.hpp>

#include <residua/testing/layer_check.hpp>

namespace residua::inline RESIDUA_ISA::testing {
namespace {

template <class Spec, Shape In>
void check() {
    const LayerReport report = check_layer<Spec, In>();
    INFO(report.text());
    CHECK(report.ok());
}

constexpr Shape image{5, 6, 4};

TEST_CASE("convolutions") {
    check<Conv<4>, image>();
    check<Conv<4, Stride<2>, Padding<0, 1>, WithBias>, image>();
    check<Conv<3, Kernel<5>, Stride<3>>, image>();
    check<Conv<12, Groups<3>, Stride<2>, WithBias>, Signal(Shape{6, 6, 4})>();
    check<Sequence<Conv<16, Kernel<1>>, BatchNorm<>, Relu, Conv<16, Groups<8>>, BatchNorm<>, Relu, Conv<4, Kernel<1>>>, image>();
}
TEST_CASE("normalisation") {
    check<BatchNorm<>, image>();
    check<BatchNorm<Real(1e-2), Real(0.2), false>, image>();
    check<Sequence<BatchNorm<>, Relu>, image>();
    check<Sequence<Conv<4>, BatchNorm<>, Relu, Conv<3>>, image>();
    check<Sequence<BatchNorm<>, Relu, Conv<3>, BatchNorm<>>, image>();
}
TEST_CASE("element-wise layers") {
    check<Relu, image>();
    check<LeakyRelu<>, image>();
    check<Sigmoid, image>();
    check<Gelu, image>();
    check<Silu, image>();
    check<Sequence<BatchNorm<>, Gelu, Conv<3>, Silu>, image>();
    check<Scale<Real(-0.7)>, image>();
    check<Dropout<>, image>();
    check<Dropout<Real(0.25), DropoutScaling::plain>, image>();
    check<Sequence<Sigmoid, Relu, Scale<Real(2)>>, image>();
}
TEST_CASE("pooling and linear layers") {
    check<MaxPool<3, Stride<2>, Padding<1>>, image>();
    check<AveragePool<2>, image>();
    check<GlobalAveragePool, image>();
    check<Linear<3>, image>();
    check<Sequence<GlobalAveragePool, Linear<7>, Relu, Linear<2>>, image>();
}
TEST_CASE("compositions") {
    check<Residual<Sequence<Conv<5>, Relu>, Relu>, image>();  // both paths read their own output
    check<Residual<Relu, Identity>, image>();
    check<Residual<Sequence<Conv<5>, Residual<Conv<5>, Identity>>, Sequence<Conv<5, Kernel<1>>, Sigmoid>>, image>();
    check<Repeat<3, Residual<Sequence<BatchNorm<>, Relu, Conv<5>>>>, image>();
    check<Residual<Repeat<3, Sequence<Conv<5>, Sigmoid>>, Identity>, image>();  // a Repeat that is added
    check<Residual<Identity, Repeat<2, Sequence<Conv<5>, Relu>>>, image>();
    check<Recompute<Sequence<Conv<5>, BatchNorm<>, Relu, Conv<4>>>, image>();
    check<Residual<Recompute<Sequence<Conv<5>, Sigmoid>>, Identity>, image>();
}

// Two dropouts of one type draw masks of their own: by their place.
TEST_CASE("each dropout layer has a mask of its own") {
    BoundLayer<Residual<Dropout<>, Dropout<>>, Signal(Shape{1, 16, 16}), PlainLoops<double>> layer(1);
    for (double& value : layer.x) value = 1;
    int once = 0;
    for (const double value : layer.forward<Mode::training>()) once += value == 2;
    CHECK(once > 80);
    CHECK(once < 176);

    BoundLayer<Repeat<2, Residual<Dropout<>, Identity>>, Signal(Shape{1, 16, 16}), PlainLoops<double>> repeated(1);
    for (double& value : repeated.x) value = 1;
    int mixed = 0;
    for (const double value : repeated.forward<Mode::training>()) mixed += value == 3;  // dropped in one unit, not in the other
    CHECK(mixed > 80);
}

}  // namespace
}  // namespace residua::inline RESIDUA_ISA::testing
