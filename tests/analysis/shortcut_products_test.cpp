// With F = 0 a gradient reaches x_l through the shortcuts alone: equation (8) is the product of their derivatives.
#include <doctest/doctest.h>

#include <residua/analysis/gradient_terms.hpp>
#include <residua/residua.hpp>
#include <residua/testing/numbers.hpp>

#include <cmath>
#include <string_view>
#include <vector>

namespace residua {
namespace {

constexpr int n = 3;
constexpr Size depth = 54;  // ResNet-110's units, in one stage; its own have 18

// Five channels: lanes beyond the last one are there.
template <class Shortcut>
using Chain =
    Network<Shape{5, 2, 3},
            Sequence<Stage<depth, Unit<PreActivation, Single<5>, Shortcut, Split::on_the_branch>>, GlobalAveragePool, Linear<3>>>;

struct Task {
    std::vector<float> images;
    std::vector<int> labels{0, 2, 1};

    Task() : images(n * Chain<ZeroPadding>::input_shape.size()) {
        testing::Numbers numbers(1);
        for (float& value : images) value = static_cast<float>(numbers.next());
    }
};

// Its convolutions, of branches and of gates, are zero.
template <class Net>
Parameters<Net> without_branches() {
    Parameters<Net> parameters = initialized<Net>();
    Net::for_each_tensor([&](const TensorInfo& info) {
        if (info.rank == 4) std::fill_n(parameters.data(info), info.size, 0.0F);
    });
    return parameters;
}

template <class Net>
std::vector<analysis::TermNorms> terms() {
    const Task task;
    analysis::GradientTerms<Net, n> find;
    const std::span<const analysis::TermNorms> found = find(without_branches<Net>(), task.images, task.labels);
    return {found.begin(), found.end()};
}

TEST_CASE("constant scaling by 0.5: gradients vanish as its powers do, exactly") {
    const std::vector<analysis::TermNorms> found = terms<Chain<ConstantScaling<Real(0.5)>>>();
    REQUIRE(found.size() == depth + 1);
    const double last = found[depth].whole;
    CHECK(last > 0);
    for (Size l = 0; l <= depth; ++l) {
        CHECK(found[l].whole == std::ldexp(last, static_cast<int>(l) - static_cast<int>(depth)));
        CHECK(found[l].direct == found[l].whole);
        CHECK(found[l].branches == 0);
    }
    CHECK(found[depth - 18].whole / last == doctest::Approx(3.81e-6).epsilon(2e-3));
    CHECK(found[0].whole / last == doctest::Approx(5.55e-17).epsilon(1e-3));
}

TEST_CASE("constant scaling by another factor: the same to rounding") {
    const std::vector<analysis::TermNorms> found = terms<Chain<ConstantScaling<Real(0.9)>>>();
    for (Size l = 0; l <= depth; ++l) {
        const double product = std::pow(0.9, static_cast<double>(depth - l));
        CHECK(found[l].direct == doctest::Approx(product * found[depth].whole).epsilon(1e-5));
        CHECK(found[l].branches == 0);
    }
}

// Of one value whatever x is, g = sigmoid(b): the paper's biases, and what (1 - g)^54 they leave.
struct Gate {
    double bias;
    double product;
};
constexpr Gate gates[] = {{0, 5.6e-17}, {-1, 4.5e-8}, {-2, 1.1e-3}, {-3, .0725}, {-4, .375}, {-5, .696}, {-6, .875}, {-7, .952}};

TEST_CASE_TEMPLATE("gates: the products of 1 - g, and the mean gate that is watched", Shortcut, ExclusiveGating<>,
                   ShortcutOnlyGating<>) {
    using Net = Chain<Shortcut>;
    const Task task;
    Parameters<Net> parameters = without_branches<Net>();
    TrainingPass<Net, n, WatchUnits> pass;
    std::vector<float> gradients(Net::parameter_count);
    for (const Gate& gate : gates) {
        CAPTURE(gate.bias);
        Net::for_each_tensor([&](const TensorInfo& info) {
            const bool is_gate = info.role == Role::bias && info.name.view().find("gate") != std::string_view::npos;
            if (is_gate) std::fill_n(parameters.data(info), info.size, static_cast<float>(gate.bias));
        });
        pass(parameters, task.images.data(), task.labels.data(), n, gradients.data());

        const std::span<const UnitNorms> norms = pass.unit_norms();
        REQUIRE(norms.size() == depth + 1);
        const double g = 1 / (1 + std::exp(-gate.bias));
        const double last = norms[depth].gradient;
        CHECK(norms[0].gradient / last == doctest::Approx(gate.product).epsilon(2e-2));
        for (Size l = 0; l <= depth; ++l) {
            const double product = std::pow(1 - g, static_cast<double>(depth - l));
            CHECK(norms[l].gradient == doctest::Approx(product * last).epsilon(1e-5));
            CHECK(norms[l].gate == doctest::Approx(l < depth ? g : 0).epsilon(1e-6));
        }
    }
}

TEST_CASE("the mean gate is that of all images, channels and pixels, on any number of threads") {
    using Net = Chain<ExclusiveGating<>>;
    const Task task;
    Parameters<Net> parameters = initialized<Net>();
    Parameters<Net> same = parameters;
    TrainingPass<Net, n, WatchUnits> pass;
    TrainingPass<Net, n, WatchUnits> pass_by_three(3);
    std::vector<float> gradients(Net::parameter_count);
    pass(parameters, task.images.data(), task.labels.data(), n, gradients.data());
    pass_by_three(same, task.images.data(), task.labels.data(), n, gradients.data());
    for (Size l = 0; l <= depth; ++l) CHECK(pass.unit_norms()[l].gate == pass_by_three.unit_norms()[l].gate);

    // The first unit's gate, of the images themselves.
    constexpr Size channels = 5;
    constexpr Size pixels = 6;
    const std::span<const float> weight = parameters.tensor<"layer1.0.gate.conv1.weight">();
    const std::span<const float> bias = parameters.tensor<"layer1.0.gate.conv1.bias">();
    double sum = 0;
    for (Size i = 0; i < n; ++i) {
        for (Size c = 0; c < channels; ++c) {
            for (Size at = 0; at < pixels; ++at) {
                double value = bias[c];
                for (Size k = 0; k < channels; ++k) {
                    const float x = task.images[(i * channels + k) * pixels + at];
                    value += static_cast<double>(weight[c * channels + k]) * static_cast<double>(x);
                }
                sum += 1 / (1 + std::exp(-value));
            }
        }
    }
    CHECK(pass.unit_norms()[0].gate == doctest::Approx(sum / (n * channels * pixels)).epsilon(1e-6));
}

}  // namespace
}  // namespace residua
