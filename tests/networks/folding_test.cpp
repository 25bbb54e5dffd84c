// A network as it is bound for inference, whose convolutions have taken in what stands around them, beside the same layers run as
// they were written. (Beside PyTorch: tests/reference.)
#include <doctest/doctest.h>

#include <residua/inference/engine.hpp>
#include <residua/networks/network.hpp>
#include <residua/testing/numbers.hpp>
#include <residua/training/initial.hpp>

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

namespace residua {
namespace {

template <class K>
struct AsWritten : K {
    static constexpr bool folds = false;
};

// clang-format off
// Whatever a convolution can take in, and each place where it must not: a sum of a ReLU, a ReLU of a sum of one, a ReLU of a sum
// within a branch, an affine layer that stands behind a ReLU or a pool.
using Layers = Sequence<
    Conv<18, Kernel<5>, Stride<2>, WithBias>, BatchNorm<>, Relu,
    Conv<18, Groups<3>>, BatchNorm<Real(1e-3), Real(0.1), Affine::none>, LearnedScale<Real(0.7)>, Relu,
    Residual<Sequence<Conv<18>, BatchNorm<Real(1e-5), Real(0.1), Affine::shift>, Relu>>, Relu,
    Residual<Sequence<Conv<18>, BatchNorm<>, Residual<Sequence<Conv<18, Kernel<1>>, BatchNorm<>>>, Relu>>,
    Residual<Sequence<BatchNorm<>, Relu, Conv<33>, Scale<Real(0.6)>, Dropout<Real(0.3), DropoutScaling::plain>>, Subsample<33, 1>>, Relu,
    Residual<Sequence<Conv<33, WithBias>, Dropout<Real(0.2)>, StochasticDepth<Real(0.4)>>, Scale<Real(0.5)>>, Relu,
    Residual<Sequence<Relu, Conv<33>, Silu>>, BatchNorm<>, Relu,
    Residual<Residual<Conv<33, Kernel<1>>>>, Relu,
    MaxPool<2, Stride<2>>, BatchNorm<>, LearnedScale<>, Conv<16, Kernel<2>>, Relu, Relu, Scale<Real(1.5)>,
    BatchNorm<>, Relu, GlobalAveragePool, Linear<7>>;

using Units = Sequence<
    Original::Stem<Conv<16>>,
    Unit<Original, Single<16>, ConstantScaling<Real(0.7), Real(0.6)>>,
    Unit<Original, Basic<16, 1>, ReZero<>>,
    Unit<ReluPreActivation, Bottleneck<24, 2, StrideIn::first1x1>, Project>,
    Unit<ReluBeforeAddition, Single<24>, Highway<Real(-1)>>,
    Unit<BnAfterAddition, Single<24>, ExclusiveGating<Real(-1)>>,
    Unit<Original, Single<24>, ShortcutOnlyGating<Real(-1)>>,
    Unit<Original, Single<24>, WithBranchEnd<SqueezeExcite<4>>>,
    Unit<BnAfterAddition, Basic<30, 2>, Project>,
    Unit<Original, Basic<30, 1>, Conv1x1<>>,
    Unit<PreActivation, WeightLayers<Conv<30, Kernel<2>, Stride<3>, Padding<0, 1>>>, DropoutShortcut<>>,
    Unit<PreActivationWithoutBatchNorm, Basic<30, 1>, WithBranchEnd<StochasticDepth<>>>,
    Unit<OriginalWithoutBatchNorm, Basic<30, 1>, Project>,
    PreActivation::Final, GlobalAveragePool, Linear<7>>;
// clang-format on

// Parameters and statistics as after training: all of them drawn, factors and variances around one.
template <class Net>
Parameters<Net> drawn() {
    using T = typename Net::Scalar;
    Parameters<Net> parameters = initialized<Net>();
    testing::Numbers numbers(8);
    Net::for_each_tensor([&](const TensorInfo& info) {
        for (T& value : std::span(parameters.data(info), info.size)) {
            const double number = numbers.next();
            switch (info.role) {
                case Role::weight: break;
                case Role::bn_weight:
                case Role::running_variance: value = static_cast<T>(std::exp(number)); break;
                default: value = static_cast<T>(0.5 * number);
            }
        }
    });
    return parameters;
}

template <class Net>
std::vector<typename Net::Scalar> logits_of(const Parameters<Net>& parameters, const std::vector<typename Net::Scalar>& images) {
    const Inference<Net> engine(parameters);
    typename Inference<Net>::template Workspace<3> workspace;
    const auto logits = engine(images, workspace);
    return {logits.begin(), logits.end()};
}

// The largest difference, in parts of the largest logit.
template <class Net>
double apart() {
    using T = typename Net::Scalar;
    using Written = typename Net::template With<AsWritten<typename Net::Kernels>>;
    static_assert(std::is_same_v<typename Written::InferenceRoot, typename Written::Root>);
    static_assert(!std::is_same_v<typename Net::InferenceRoot, typename Net::Root>);
    const Parameters<Net> parameters = drawn<Net>();
    Parameters<Written> same;
    std::ranges::copy(parameters.values(), same.values().begin());

    testing::Numbers numbers(9);
    std::vector<T> images(3 * Net::input_shape.size());
    for (T& value : images) value = static_cast<T>(numbers.next());
    const std::vector<T> expected = logits_of(same, images);
    const std::vector<T> found = logits_of(parameters, images);
    double largest = 0;
    double difference = 0;
    for (Size i = 0; i < expected.size(); ++i) {
        largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
        difference = std::max(difference, std::abs(static_cast<double>(found[i]) - static_cast<double>(expected[i])));
    }
    CHECK(largest > 0);
    return difference / largest;
}

template <class Spec, class K>
using Net = Network<Shape{3, 21, 19}, Spec, K>;

TEST_CASE("what is folded gives the numbers of the layers as they were written") {
    CHECK(apart<Net<Layers, Vectorised<double>>>() < 1e-12);
    CHECK(apart<Net<Units, Vectorised<float>>>() < 1e-5);
    CHECK(apart<Net<Layers, PlainLoops<double>>>() < 1e-12);
}

TEST_CASE("an engine takes other parameters, and folds them as if they were its first") {
    using Tested = Net<Units, Vectorised<float>>;
    const Parameters<Tested> parameters = drawn<Tested>();
    Parameters<Tested> others = parameters;
    for (float& value : others.values()) value *= 0.9F;
    const std::vector<float> images(Tested::input_shape.size(), 0.5F);

    Inference<Tested> engine(others);
    engine.update(parameters);
    Inference<Tested>::Workspace<3> workspace;
    CHECK(std::ranges::equal(engine(images, workspace), logits_of(parameters, images)));
}

}  // namespace
}  // namespace residua
