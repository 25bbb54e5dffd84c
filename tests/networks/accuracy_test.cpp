// How far the fastest kernels may be from plain loops in double: a rule that a default keeps, whatever the network.
#include <doctest/doctest.h>

#include <residua/inference/engine.hpp>
#include <residua/kernels/plain_loops.hpp>
#include <residua/kernels/vectorised.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/testing/numbers.hpp>
#include <residua/training/initial.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace residua {
namespace {

template <class Net>
std::vector<double> logits_of(const std::vector<double>& values, const std::vector<double>& pixels) {
    using T = typename Net::Scalar;
    Parameters<Net> parameters;
    std::copy(values.begin(), values.end(), parameters.values().begin());
    const std::vector<T> input(pixels.begin(), pixels.end());
    const Inference<Net> engine(parameters);
    typename Inference<Net>::template Workspace<1> workspace;
    const auto logits = engine(std::span<const T>(input), workspace);
    return {logits.begin(), logits.end()};
}

// The largest error of a logit, of the largest logit.
template <class Net>
double logits_apart() {
    testing::Numbers numbers(7);
    Parameters<Net> parameters = initialized<Net>();
    std::vector<double> values(parameters.values().begin(), parameters.values().end());
    // (Statistics other than those to start from.)
    for (Size i = Net::parameter_count; i < values.size(); ++i) values[i] *= 1 + 0.2 * numbers.next();
    std::vector<double> pixels(Net::input_shape.size());
    for (double& pixel : pixels) pixel = static_cast<float>(2 * numbers.next());

    const std::vector<double> exact = logits_of<typename Net::template With<PlainLoops<double>>>(values, pixels);
    const std::vector<double> fast = logits_of<Net>(values, pixels);
    double largest = 0;
    double apart = 0;
    for (Size i = 0; i < exact.size(); ++i) {
        largest = std::max(largest, std::abs(exact[i]));
        apart = std::max(apart, std::abs(exact[i] - fast[i]));
    }
    return apart / largest;
}

TEST_CASE("logits of a ResNet-20 are within 1e-4 of plain loops; direct kernels alone are nearer") {
    using Net = cifar::PreActResNet<20>;
    const double fastest = logits_apart<Net>();
    const double direct = logits_apart<typename Net::template With<Vectorised<float, Exact>>>();
    CHECK(fastest < 1e-4);
    CHECK(direct < 2e-6);
    CHECK(direct < fastest);
    MESSAGE("Fastest ", fastest, ", Exact ", direct);
}

}  // namespace
}  // namespace residua
