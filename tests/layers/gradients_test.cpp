// Every layer's contract: gradients against central differences in double, sums, moments, threads; the vectorised kernels too.
#include <doctest/doctest.h>

#include <residua/layers/zero_border.hpp>
#include <residua/units/unit.hpp>

#include <residua/testing/layer_check.hpp>

#include <cmath>
#include <limits>

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
    check<BatchNorm<Real(1e-2), Real(0.2), Affine::none>, image>();
    check<Sequence<BatchNorm<Real(1e-2), Real(0.2), Affine::shift>, Relu>, image>();
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
TEST_CASE("zeros around an image") {
    check<ZeroBorder<2, 1>, image>();
    check<Sequence<ZeroBorder<0, 1>, BatchNorm<>>, image>();  // which asks for moments

    // In front of a max pooling they are values, and its own padding is not.
    BoundLayer<Sequence<ZeroBorder<1>, MaxPool<3, Stride<2>>>, Signal(Shape{1, 4, 4}), PlainLoops<double>> bordered(1);
    BoundLayer<MaxPool<3, Stride<2>, Padding<1>>, Signal(Shape{1, 4, 4}), PlainLoops<double>> padded(1);
    for (double& value : bordered.x) value = -1;
    for (double& value : padded.x) value = -1;
    CHECK(bordered.forward<Mode::inference>() == std::vector<double>{0, 0, 0, -1});
    CHECK(padded.forward<Mode::inference>() == std::vector<double>{-1, -1, -1, -1});
}
TEST_CASE("a shortcut that projects where channels change") {
    check<Unit<PreActivation, Single<7, 2>, ProjectChannels<WithBias>, Split::where_it_projects>, image>();
    check<Unit<PreActivation, Single<5, 2>, ProjectChannels<WithBias>, Split::where_it_projects>, image>();

    // Where only the stride changes: every second row and column, and F(x), which is zero here.
    BoundLayer<Unit<Ordering<None, None, None, None>, Single<1, 2>, ProjectChannels<>>, Signal(Shape{1, 3, 3}),
               PlainLoops<double>>
        subsampled(1);
    for (Size i = 0; i < 9; ++i) subsampled.x[i] = static_cast<double>(i);
    for (double& value : subsampled.parameters) value = 0;
    CHECK(subsampled.forward<Mode::inference>() == std::vector<double>{0, 2, 6, 8});
}
TEST_CASE("layers at the end of a branch") {
    check<LearnedScale<Real(0.7)>, image>();
    check<SqueezeExcite<2>, image>();
    check<StochasticDepth<Real(0.6)>, image>();
    check<Residual<Sequence<Conv<5>, LearnedScale<>, SqueezeExcite<16>, StochasticDepth<>>>, image>();
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

// Of an image of ones: the first value, image by image.
template <class Layer>
std::vector<double> factors_of(Layer& layer) {
    for (double& value : layer.x) value = 1;
    const std::vector<double> y = layer.template forward<Mode::training>();
    std::vector<double> factors;
    for (Size i = 0; i < y.size(); i += Layer::output.size()) {
        factors.push_back(y[i]);
        for (Size k = 0; k < Layer::output.size(); ++k) CHECK(y[i + k] == y[i]);
    }
    return factors;
}

TEST_CASE("a branch survives with a probability that falls with its depth") {
    using Layer = BoundLayer<StochasticDepth<Real(0.4)>, Signal(Shape{2, 3, 1}), PlainLoops<double>>;
    constexpr int images = 1000;
    Layer layer(images);
    layer.units = 3;
    for (Size unit = 0; unit < 4; ++unit) {
        CAPTURE(unit);
        layer.unit = unit;  // (3: behind the last unit, whose probability holds there, too)
        const double expected = unit == 0 ? 0.8 : unit == 1 ? 0.6 : 0.4;
        double survivors = 0;
        for (const double factor : factors_of(layer)) {
            CHECK((factor == 0 || factor == 1));
            survivors += factor;
        }
        CHECK(std::abs(survivors / images - expected) < 0.05);
        for (const double value : layer.forward<Mode::inference>()) CHECK(value == doctest::Approx(expected));
    }

    layer.unit = layer.units = 0;
    for (const double value : layer.forward<Mode::inference>()) CHECK(value == doctest::Approx(0.4));
}
TEST_CASE("what is left out is zero, whatever it was") {
    BoundLayer<StochasticDepth<Real(0.5)>, Signal(Shape{3, 2, 2}), Vectorised<double>> layer(8);
    for (double& value : layer.x) value = std::numeric_limits<double>::infinity();
    for (const double value : layer.forward<Mode::training>()) CHECK((value == 0 || std::isinf(value)));
    CHECK(layer.padding_is_zero());
}
TEST_CASE("units are left out each by itself") {
    BoundLayer<
        Repeat<2, Unit<Ordering<None, None, None, None>, WeightLayers<Conv<1, Kernel<1>>>, WithBranchEnd<StochasticDepth<>>>>,
        Signal(Shape{1, 2, 2}), PlainLoops<double>>
        layer(400);
    for (double& value : layer.parameters) value = 1;
    int mixed = 0;
    for (const double factor : factors_of(layer)) mixed += factor == 2;  // one branch of two
    CHECK(mixed > 150);
    CHECK(mixed < 250);
}

}  // namespace
}  // namespace residua::inline RESIDUA_ISA::testing
