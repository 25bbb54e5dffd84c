// What is watched at the units of a network.
#include <doctest/doctest.h>

#include <residua/residua.hpp>
#include <residua/testing/numbers.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace residua {
namespace {

constexpr int n = 5;

// Three units before anything else: x_0 is the image, and dE/dx_0 the gradient of the input.
template <class K>
using Net = Network<
    Shape{6, 5, 7},
    Sequence<Stage<2, Unit<PreActivation, Basic<6>>>, Unit<PreActivation, Basic<9, 2>, Project>, GlobalAveragePool, Linear<4>>,
    K>;

template <class T>
struct Task {
    std::vector<T> images;
    std::vector<int> labels;

    Task() : images(n * Net<PlainLoops<T>>::input_shape.size()) {
        testing::Numbers numbers(1);
        for (T& value : images) value = static_cast<T>(numbers.next());
        for (int i = 0; i < n; ++i) labels.push_back(i % 4);
    }
};

template <class T>
double norm(std::span<const T> values) {
    double squares = 0;
    for (const T value : values) squares += static_cast<double>(value) * static_cast<double>(value);
    return std::sqrt(squares);
}

TEST_CASE_TEMPLATE("norms of signals and gradients at every unit", K, PlainLoops<double>, Vectorised<float>) {
    using N = Net<K>;
    using T = typename K::Scalar;
    const Task<T> task;
    Parameters<N> parameters = initialized<N>();
    // Without its last layer a branch is zero: x_2 is x_1, and its gradient too.
    for (T& weight : parameters.template tensor<"layer1.1.conv2.weight">()) weight = 0;

    TrainingPass<N, n, WatchUnits> pass;
    std::vector<T> gradients(N::parameter_count);
    std::vector<T> input_gradient(task.images.size());
    pass(parameters, task.images.data(), task.labels.data(), n, gradients.data(), {}, input_gradient.data());
    const std::span<const UnitNorms> norms = pass.unit_norms();
    REQUIRE(norms.size() == 4);
    CHECK(norms[0].signal == doctest::Approx(norm<T>(task.images)).epsilon(1e-6));
    CHECK(norms[0].gradient == doctest::Approx(norm<T>(input_gradient)).epsilon(1e-6));
    CHECK(norms[2].signal == doctest::Approx(norms[1].signal).epsilon(1e-6));
    CHECK(norms[2].gradient == doctest::Approx(norms[1].gradient).epsilon(1e-5));
    CHECK(norms[1].signal != doctest::Approx(norms[0].signal).epsilon(1e-3));
    CHECK(norms[1].gradient != doctest::Approx(norms[0].gradient).epsilon(1e-3));

    // dE/dx_L through the classifier: each pixel of an image has a share of what its logits pull.
    const std::span<const T> weights = parameters.template tensor<"fc.weight">();
    double squares = 0;
    for (int i = 0; i < n; ++i) {
        const T* logits = pass.logits_of(i);
        double sum = 0;
        for (int c = 0; c < 4; ++c) sum += std::exp(static_cast<double>(logits[c]));
        for (Size k = 0; k < 9; ++k) {
            double pull = 0;
            for (int c = 0; c < 4; ++c) {
                const double share = std::exp(static_cast<double>(logits[c])) / sum - (c == task.labels[static_cast<Size>(i)]);
                pull += share / n * static_cast<double>(weights[static_cast<Size>(c) * 9 + k]);
            }
            squares += pull * pull / 12;  // 3x4 pixels
        }
    }
    CHECK(norms[3].gradient == doctest::Approx(std::sqrt(squares)).epsilon(1e-4));
    CHECK(norms[3].signal > 0);
}

template <class... P>
std::vector<double> watched(int threads, Parameters<Net<Vectorised<float>>>& parameters) {
    const Task<float> task;
    Trainer<Net<Vectorised<float>>, n, P...> trainer(parameters, {}, {.threads = threads});
    std::vector<double> seen;
    for (int step = 0; step < 2; ++step) {
        trainer.step(task.images.data(), task.labels.data(), n, 0.1);
        if constexpr (sizeof...(P) > 0) {
            for (const UnitNorms& at : trainer.unit_norms()) seen.insert(seen.end(), {at.signal, at.gradient});
        }
    }
    return seen;
}

TEST_CASE("watching changes no bits, and sees the same on any number of threads and where units are recomputed") {
    Parameters<Net<Vectorised<float>>> plain = initialized<Net<Vectorised<float>>>();
    Parameters<Net<Vectorised<float>>> one = plain;
    Parameters<Net<Vectorised<float>>> three = plain;
    Parameters<Net<Vectorised<float>>> again = plain;
    watched(1, plain);
    const std::vector<double> seen = watched<WatchUnits>(1, one);
    CHECK(seen.size() == 16);
    CHECK(watched<WatchUnits>(3, three) == seen);
    CHECK(watched<RecomputeEvery<2>, WatchUnits>(1, again) == seen);
    CHECK(plain == one);
    CHECK(plain == three);
    CHECK(plain == again);
}

TEST_CASE("a step that does not look leaves the norms as they were, and has the same bits") {
    using N = Net<Vectorised<float>>;
    const Task<float> task;
    Parameters<N> parameters = initialized<N>();
    Parameters<N> others = parameters;
    Trainer<N, n, WatchUnits> always(parameters);
    Trainer<N, n, WatchUnits> once(others);
    const auto same = [](const UnitNorms& a, const UnitNorms& b) {
        return a.signal == b.signal && a.gradient == b.gradient && a.gate == b.gate;
    };
    std::vector<UnitNorms> seen(4);
    for (int step = 0; step < 3; ++step) {
        once.watch(step == 1);
        always.step(task.images.data(), task.labels.data(), n, 0.1);
        once.step(task.images.data(), task.labels.data(), n, 0.1);
        if (step == 1) seen.assign(always.unit_norms().begin(), always.unit_norms().end());
        CHECK(std::ranges::equal(once.unit_norms(), seen, same));
        CHECK((always.unit_norms()[0].gradient == seen[0].gradient) == (step == 1));
    }
    CHECK(parameters == others);
}

TEST_CASE("every unit of a named network is watched") {
    using Deep = cifar::PreActResNet<20>;
    using Root = Deep::Trained<KeepAll, WatchUnits>;
    static_assert(Root::extent == Deep::Root::extent);
    using Pass = TrainingPass<Network<Shape{3, 8, 8}, cifar::BasicSpec<8, Original, ZeroPadding, 4, 4>>, 2, WatchUnits>;
    static_assert(Pass::watches);
    Pass pass;
    CHECK(pass.unit_norms().size() == 4);
}

}  // namespace
}  // namespace residua
