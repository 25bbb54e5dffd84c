// Networks that the library has no type for, as others build and name them, beside PyTorch (of_others.py).
#include <doctest/doctest.h>

#include <residua/io/test_vector.hpp>
#include <residua/residua.hpp>

#include <cmath>

namespace residua::io {
namespace {

const std::string files = RESIDUA_SOURCE_DIR "/tests/io/files/";

// A wrong epsilon, padding or bias is 5e-5 and more.
constexpr double tolerance = 1e-5;

// Keras' stride 2 on an even number of pixels has its zeros behind.
using KerasNorm = BatchNorm<Real(1e-3)>;
struct KerasOrdering : Ordering<None, Sequence<KerasNorm, Relu>, KerasNorm, Relu> {};
template <int Filters>
struct Halving : WeightLayers<Conv<Filters, Stride<2>, Padding<0, 1>, WithBias>, Conv<Filters, WithBias>> {};
template <int Filters>
using HalvingStage = Stage<1, Unit<KerasOrdering, Halving<Filters>, Conv<Filters, Kernel<1>, Stride<2>, WithBias>>>;

// clang-format off
using KerasLike = Network<Shape{3, 8, 8}, Sequence<
    KerasOrdering::Stem<Conv<4, WithBias>>,
    Stage<1, Unit<KerasOrdering, WeightLayers<Conv<4, WithBias>, Conv<4, WithBias>>>>,
    HalvingStage<6>,
    HalvingStage<8>,
    GlobalAveragePool,
    Linear<5>>>;
// clang-format on

// Keras numbers each kind of layer as they are made.
constexpr NameMap keras_numbers{{"conv1.*", "conv2d.*"},
                                {"bn1.*", "batch_normalization.*"},
                                {"layer1.0.conv#.*", "conv2d_#.*"},
                                {"layer1.0.bn#.*", "batch_normalization_#.*"},
                                {"layer2.0.conv#.*", "conv2d_#+2.*"},
                                {"layer2.0.bn#.*", "batch_normalization_#+2.*"},
                                {"layer2.0.shortcut.0.*", "conv2d_5.*"},
                                {"layer3.0.conv#.*", "conv2d_#+5.*"},
                                {"layer3.0.bn#.*", "batch_normalization_#+4.*"},
                                {"layer3.0.shortcut.0.*", "conv2d_8.*"},
                                {"fc.*", "dense.*"}};

TEST_CASE("Keras' padding, biases, epsilon and plain projections") {
    const std::string file = files + "keras_like.safetensors";
    replay(Inference<KerasLike>(parameters_of<KerasLike>(file, keras_numbers)), file, tolerance);
}

// The first unit's shortcut reads the raw signal, and BN has no gamma.
using TrunkActivation = Sequence<BatchNorm<Real(1e-4), Real(0.1), Affine::shift>, Relu>;
struct TrunkOrdering : Ordering<TrunkActivation, TrunkActivation, None, None> {};
struct PolicyHead : Sequence<TrunkActivation, Conv<2, Kernel<1>>, TrunkActivation, Linear<26>> {};
struct ValueHead : Sequence<TrunkActivation, Conv<1, Kernel<1>>, TrunkActivation, Linear<7>, Relu, Linear<1>> {};

// clang-format off
using Policy = Network<Shape{4, 5, 5}, Sequence<
    TrunkOrdering::Stem<Conv<6, Kernel<5>>>,
    Stage<2, Unit<TrunkOrdering, Basic<6>, ZeroPadding, Split::on_the_branch>>,
    PolicyHead>>;
// clang-format on

// The trunk computes once: the second head is a network that begins where the first is tapped.
using TappedPolicy = Inference<Policy, "layer1">;
using Value = Network<TappedPolicy::shape_at<"layer1">, ValueHead>;

constexpr NameMap policy_names{{"conv1.*", "trunk.conv_initial.*"}, {"layer1.#.bn#.*", "trunk.blocks.#.norm#.*"},
                               {"layer1.*", "trunk.blocks.*"},      {"bn1.*", "trunk.norm_final.*"},
                               {"conv2.*", "policy_head.conv.*"},   {"bn2.*", "policy_head.norm.*"},
                               {"fc.*", "policy_head.linear.*"}};
constexpr NameMap value_names{{"bn1.*", "trunk.norm_final.*"},
                              {"conv1.*", "value_head.conv.*"},
                              {"bn2.*", "value_head.norm.*"},
                              {"fc.*", "value_head.linear1.*"},
                              {"fc2.*", "value_head.linear2.*"}};

TEST_CASE("two heads of one file on one trunk") {
    const SafetensorsFile file = SafetensorsFile::read(files + "two_heads.safetensors");
    const TappedPolicy policy(parameters_of<Policy>(file, policy_names, PassOver{"value_head."}));
    const Inference<Value> value(parameters_of<Value>(file, value_names, PassOver{"policy_head.", "trunk."}));

    TappedPolicy::Workspace<3> of_policy;
    Inference<Value>::Workspace<3> of_value;
    const std::span<const float> logits = policy(file.values<float>("test_vector.input"), of_policy);
    const std::span<const float> values = value(of_policy.at<"layer1">(), of_value);

    const auto expect_near = [&](std::span<const float> found, const std::string& name) {
        const std::vector<float> expected = file.values<float>(name);
        REQUIRE(found.size() == expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) CHECK(std::abs(found[i] - expected[i]) < tolerance);
    };
    expect_near(logits, "test_vector.logits");
    expect_near(values, "test_vector.value");
}

}  // namespace
}  // namespace residua::io
