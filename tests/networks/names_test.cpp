#include <doctest/doctest.h>

#include <residua/residua.hpp>

#include <algorithm>
#include <set>
#include <string>

namespace residua {
namespace {

using Net = cifar::BasicResNet<20, Original, Project>;
static_assert(Net::tensor<"conv1.weight">().size == 3 * 16 * 9);
static_assert(Net::tensor<"layer2.0.shortcut.0.weight">().size == 16 * 32);
static_assert(Net::tensor<"layer3.2.bn2.running_var">().role == Role::running_variance);
static_assert(Net::tensor<"fc.bias">().size == 10);

TEST_CASE_TEMPLATE(
    "names are unique, in the order of memory, and cover it", N, Net, cifar::BasicResNet<20, PreActivation, Highway<>>,
    cifar::BottleneckResNet<29, BnAfterAddition>, imagenet::PreActResNet<50>,
    Network<Shape{3, 8, 8}, Sequence<Conv<4>, Unit<Original, Basic<4>>, Repeat<2, Residual<Conv<4>>>, Linear<5>, Linear<3>>>) {
    std::set<std::string> names;
    Size parameters = 0;
    Size statistics = 0;
    N::for_each_tensor([&](const TensorInfo& info) {
        CHECK(names.insert(std::string(info.name.view())).second);
        Size& at = is_statistic(info.role) ? statistics : parameters;
        CHECK(info.offset == at);
        at += info.size;
    });
    CHECK(parameters == N::parameter_count);
    CHECK(statistics == N::statistic_count);

    Size macs = 0;
    Size in_layers = 0;
    N::for_each_layer([&](const LayerInfo& info) {
        macs += info.macs;
        in_layers += info.parameters;
    });
    CHECK(macs == N::macs);
    CHECK(in_layers == N::parameter_count);
}

// Statistics without parameters, on a path that has none: later ones keep their place.
TEST_CASE("a shortcut is described whether or not it has parameters") {
    using Bare = BatchNorm<Real(1e-5), Real(0.1), Affine::none>;
    using N = Network<Shape{3, 8, 8}, Sequence<Conv<4>, Residual<Sequence<Conv<4>, BatchNorm<>>, Bare>, BatchNorm<>, Linear<2>>>;
    static_assert(N::tensor<"shortcut.0.running_mean">().offset == 8);
    static_assert(N::tensor<"bn2.running_var">().offset == 20);
    static_assert(N::statistic_count == 24);
    const Parameters<N> parameters;
    for (const float variance : parameters.tensor<"bn2.running_var">()) CHECK(variance == 1);
}

TEST_CASE("every layer is shown, fused or without parameters") {
    using N =
        Network<Shape{3, 8, 8}, Sequence<Conv<4>, BatchNorm<>, Relu, Unit<PreActivation, Basic<8, 2>, ConstantScaling<Real(0.5)>>,
                                         BatchNorm<>, Relu, GlobalAveragePool, Linear<2>>>;
    std::string kinds;
    N::for_each_layer([&](const LayerInfo& info) { kinds += std::string(info.kind) + " "; });
    CHECK(kinds == "conv bn relu bn relu conv bn relu conv scale subsample scale bn relu global_average_pool fc ");
}

TEST_CASE("networks without parameters are compared too") {
    using N = Network<Shape{3, 4, 4}, Sequence<Relu, GlobalAveragePool>>;
    CHECK(Parameters<N>() == Parameters<N>());
}

TEST_CASE("parameters are found by name and compared by bits") {
    Parameters<Net> a = initialized<Net>(HeNormal{FanIn{}}, 1);
    const Parameters<Net> b = a;
    CHECK(a == b);
    a.tensor<"fc.bias">()[3] = 1;
    CHECK(!(a == b));
    CHECK(!(initialized<Net>(HeNormal{FanIn{}}, 2) == b));
    CHECK(b.tensor<"layer1.0.bn1.weight">()[0] == 1);
    using Gated = cifar::BasicResNet<8, Original, ExclusiveGating<Real(-6)>>;
    CHECK(Parameters<Gated>().tensor<"layer1.0.gate.conv1.bias">()[0] == -6);
}

TEST_CASE("identity weights start as the identity, on the channels there are") {
    using N = Network<Shape{3, 4, 4}, Sequence<Conv<2, IdentityWeights>, Conv<4, Kernel<1>, IdentityWeights>, Conv<4>>>;
    const Parameters<N> parameters = initialized<N>();
    const auto of_window = parameters.tensor<"conv1.weight">();
    for (Size i = 0; i < of_window.size(); ++i) CHECK(of_window[i] == (i == 4 || i == 40));
    const auto of_pixel = parameters.tensor<"conv2.weight">();
    for (Size i = 0; i < of_pixel.size(); ++i) CHECK(of_pixel[i] == (i == 0 || i == 3));

    // They decay as weights do, and draw nothing from those that follow.
    static_assert(decays(Decay::weights, N::tensor<"conv1.weight">().role));
    using Drawn = Network<Shape{3, 4, 4}, Sequence<Conv<2>, Conv<4, Kernel<1>, DrawnWeights>, Conv<4>>>;
    CHECK(std::ranges::equal(initialized<Drawn>().tensor<"conv3.weight">(), parameters.tensor<"conv3.weight">()));
}

TEST_CASE("a branch's learned factor starts from zero, and decays only where all do") {
    using N = cifar::BasicResNet<8, PreActivationWithoutBatchNorm, ReZero<>>;
    CHECK(initialized<N>().tensor<"layer3.0.learned_scale1.factor">()[0] == 0);
    static_assert(!decays(Decay::weights, N::tensor<"layer3.0.learned_scale1.factor">().role));
    static_assert(N::statistic_count == 0);
}

}  // namespace
}  // namespace residua
