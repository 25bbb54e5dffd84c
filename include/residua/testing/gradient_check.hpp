// The gradients of a layer, or of any part of a network, against central differences.
#pragma once

#include <residua/testing/bound_layer.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

namespace residua::inline RESIDUA_ISA::testing {

// The worst of a layer's gradients, and of which tensor ("input", or its name).
struct GradientError {
    double relative = 0;
    std::string tensor;
};

// L = sum dy y. For each tensor the derivative of L in a random direction, by central differences and by backward(): the largest
// |difference| over the mean size of such a derivative. In double; correct gradients stay below 2e-5 where no kink (a ReLU at
// zero) is met.
template <class Spec, Signal In, class K = PlainLoops<double>>
GradientError gradient_check(int images = 3, std::uint64_t seed = 1) {
    static_assert(std::is_same_v<typename K::Scalar, double>);
    using Layer = BoundLayer<Spec, In, K>;
    Layer layer(images);
    layer.fill(seed);

    const std::vector<double> statistics = layer.statistics;
    layer.template forward<Mode::training>();
    const std::vector<double> dx = layer.backward();
    const std::vector<double> gradients = layer.gradients;

    GradientError worst;
    Numbers numbers(seed + 100);
    const auto loss = [&] {
        layer.statistics = statistics;
        const std::vector<double> y = layer.template forward<Mode::training>();
        double sum = 0;
        for (Size i = 0; i < y.size(); ++i) sum += layer.dy[i] * y[i];
        return sum;
    };
    const auto check = [&](const std::string& tensor, double* values, const double* analytic, Size size) {
        std::vector<double> direction(size);
        for (double& d : direction) d = numbers.next();
        const std::vector<double> kept(values, values + size);
        constexpr double epsilon = 1e-6;
        const auto moved = [&](double by) {
            for (Size i = 0; i < size; ++i) values[i] = kept[i] + by * direction[i];
            return loss();
        };
        const double numeric = (moved(epsilon) - moved(-epsilon)) / (2 * epsilon);
        std::copy(kept.begin(), kept.end(), values);

        double expected = 0;
        double squares = 0;
        for (Size i = 0; i < size; ++i) {
            expected += analytic[i] * direction[i];
            squares += analytic[i] * analytic[i];
        }
        // (Gradients of weights in front of a BN have directions in which they vanish: compare with their size.)
        const double scale = std::sqrt(squares / 3) + 1e-3;
        const double error = std::abs(numeric - expected) / scale;
        if (!(error <= worst.relative)) worst = {error, tensor};
    };

    Layer::for_each_tensor([&](const TensorInfo& info) {
        if (is_statistic(info.role)) return;
        check(std::string(info.name.view()), layer.data(info), gradients.data() + info.offset, info.size);
    });
    check("input", layer.x.data(), dx.data(), layer.x.size());
    return worst;
}

}  // namespace residua::inline RESIDUA_ISA::testing
