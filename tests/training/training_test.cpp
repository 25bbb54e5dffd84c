// Schedules, initial weights; and that a network learns.
#include <doctest/doctest.h>

#include <residua/data/batch.hpp>
#include <residua/residua.hpp>

#include <residua/testing/numbers.hpp>
#include "../support/message.hpp"
#include "../support/own_executor.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace residua {
namespace {

TEST_CASE("schedules") {
    CHECK(Constant{0.3}(1'000'000) == 0.3);
    const Steps paper{0.1, {32'000, 48'000}};
    CHECK(paper(31'999) == 0.1);
    CHECK(paper(32'000) == doctest::Approx(0.01));
    CHECK(paper(63'999) == doctest::Approx(0.001));
    const auto warm = WarmUp{0.01, 400, paper};
    CHECK(warm(399) == 0.01);
    CHECK(warm(400) == 0.1);
    for (const Anneal anneal : {Anneal::linear, Anneal::cosine}) {
        const OneCycle cycle{0.2, 1000, anneal};
        CHECK(cycle(0) < 0.001);
        CHECK(cycle(299) == doctest::Approx(0.2).epsilon(0.01));
        CHECK(cycle(999) < 0.001);
        CHECK(cycle(5000) < 0.001);
    }
}

TEST_CASE("schedules of numbers that make no sense are errors") {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    for (const Anneal anneal : {Anneal::linear, Anneal::cosine}) {
        const OneCycle rising{0.2, 10, anneal, 1};
        CHECK(rising(0) < 0.02);
        for (const std::int64_t step : {9, 10, 11, 1'000'000}) CHECK(rising(step) == doctest::Approx(0.2).epsilon(0.06));
        const OneCycle falling{0.2, 10, anneal, 0};
        CHECK(falling(0) == doctest::Approx(0.2).epsilon(0.06));
        CHECK(falling(1'000'000) == 0);
    }
    const auto message = [](const auto& schedule) -> std::string {
        try {
            schedule(0);
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    };
    CHECK(message(OneCycle{.rise = nan}) == "residua: one cycle: expected a rise of 0 to 1, found nan");
    CHECK(message(OneCycle{.rise = 1.5}) == "residua: one cycle: expected a rise of 0 to 1, found 1.5");
    CHECK(message(OneCycle{.steps = 0}) == "residua: one cycle: expected at least 1 step, found 0");
    CHECK(message(OneCycle{.peak = infinity}) ==
          "residua: peak of the learning rate: expected a finite number of 0 or more, found inf");
    CHECK(message(Constant{-0.1}) == "residua: learning rate: expected a finite number of 0 or more, found -0.1");
    CHECK(message(Steps{nan, {}}) == "residua: learning rate: expected a finite number of 0 or more, found nan");
    CHECK(message(Steps{0.1, {}, -1}) == "residua: factor of the learning rate: expected a finite number of 0 or more, found -1");
    CHECK(message(WarmUp{nan, 10, Constant{}}) ==
          "residua: learning rate of the warm-up: expected a finite number of 0 or more, found nan");
    CHECK(message(Constant{0}) == "");
}

TEST_CASE("initial weights have He's variance") {
    using Net = cifar::PreActResNet<20>;
    const auto variance = [](std::span<const float> values) {
        double squares = 0;
        for (const float value : values) squares += static_cast<double>(value) * static_cast<double>(value);
        return squares / static_cast<double>(values.size());
    };
    const Parameters<Net> out = initialized<Net>(HeNormal{FanOut{}}, 1);
    const Parameters<Net> in = initialized<Net>(HeNormal{FanIn{}}, 1);
    CHECK(variance(out.tensor<"layer3.0.conv1.weight">()) == doctest::Approx(2.0 / (9 * 64)).epsilon(0.05));
    CHECK(variance(in.tensor<"layer3.0.conv1.weight">()) == doctest::Approx(2.0 / (9 * 32)).epsilon(0.05));
    CHECK(out.tensor<"layer1.0.bn1.weight">()[3] == 1);
    CHECK(out.tensor<"fc.bias">()[3] == 0);
}

TEST_CASE_TEMPLATE("a network learns what it is shown", K, PlainLoops<double>, Vectorised<float>) {
    using Net = Network<Shape{3, 8, 8}, cifar::BasicSpec<8, PreActivation, ZeroPadding, 4, 4>, K>;
    using T = typename K::Scalar;
    constexpr int n = 12;
    testing::Numbers numbers(1);
    std::vector<T> images(n * Net::input_shape.size());
    std::vector<int> labels;
    for (T& value : images) value = static_cast<T>(numbers.next());
    for (int i = 0; i < n; ++i) labels.push_back(i % 4);

    Parameters<Net> parameters = initialized<Net>();
    Trainer<Net, n> trainer(parameters, Sgd{.weight_decay = 0, .nesterov = true});
    StepResult last;
    for (int step = 0; step < 60; ++step) last = trainer.step(images.data(), labels.data(), n, 0.05);
    CHECK(last.loss < 0.05);
    CHECK(last.correct == n);
}

TEST_CASE("a step takes images of the network's shape, a label each, however they are given") {
    using Net = Network<Shape{1, 4, 4}, Sequence<Conv<2>, BatchNorm<>, Relu, GlobalAveragePool, Linear<3>>>;
    testing::Numbers numbers(1);
    std::vector<float> images(3 * Net::input_shape.size());
    for (float& value : images) value = static_cast<float>(numbers.next());
    const std::vector<int> labels{0, 2, 1};
    const data::Batch batch{3, Net::input_shape, images, labels};
    const SoftmaxCrossEntropy smoothed{labels, 0.1};
    struct Own {
        std::vector<float> images;
        std::vector<int> labels;
        Shape shape;
        int n;
    };
    const Own own{images, labels, Net::input_shape, 3};
    const int array[3] = {0, 2, 1};

    const Parameters<Net> start = initialized<Net>();
    const auto after = [&](const auto& step) {
        Parameters<Net> parameters = start;
        Trainer<Net, 4> trainer(parameters);
        step(trainer);
        CHECK(trainer.steps_taken() == 1);
        return parameters;
    };
    const Parameters<Net> hard = after([&](auto& trainer) { trainer.step(images.data(), labels.data(), 3, 0.1); });
    CHECK(after([&](auto& trainer) { trainer.step(images, labels, 0.1); }) == hard);
    CHECK(after([&](auto& trainer) { trainer.step(images, array, 0.1); }) == hard);
    CHECK(after([&](auto& trainer) { trainer.step(batch, 0.1); }) == hard);
    CHECK(after([&](auto& trainer) { trainer.step(own, 0.1); }) == hard);
    CHECK(after([&](auto& trainer) { trainer.step(batch, labels, 0.1); }) == hard);
    CHECK(after([&](auto& trainer) { trainer.step(batch, SoftmaxCrossEntropy{batch.labels}, 0.1); }) == hard);
    CHECK(after([&](auto& trainer) { trainer.find_gradients(images, labels), trainer.update(0.1); }) == hard);
    CHECK(after([&](auto& trainer) { trainer.find_gradients(batch), trainer.update(0.1); }) == hard);
    CHECK(after([&](auto& trainer) { trainer.find_gradients(images.data(), labels.data(), 3), trainer.update(0.1); }) == hard);

    const Parameters<Net> soft = after([&](auto& trainer) { trainer.step(images.data(), 3, smoothed, 0.1); });
    CHECK(after([&](auto& trainer) { trainer.step(images, smoothed, 0.1); }) == soft);
    CHECK(after([&](auto& trainer) { trainer.step(batch, smoothed, 0.1); }) == soft);
    CHECK(after([&](auto& trainer) { trainer.find_gradients(images, smoothed), trainer.update(0.1); }) == soft);
    CHECK(after([&](auto& trainer) { trainer.find_gradients(batch, smoothed), trainer.update(0.1); }) == soft);
    CHECK(soft != hard);

    Parameters<Net> parameters = start;
    Trainer<Net, 2> trainer(parameters);
    const auto refusal = [&](const auto& given) {
        const std::string message = testing::message_of([&] { trainer.step(given, smoothed, 0.1); });
        CHECK(message == testing::message_of([&] { trainer.find_gradients(given); }));
        return message;
    };
    // (As many values as two images of the network, and more than are there.)
    CHECK(refusal(data::Batch{2, Shape{2, 2, 4}, std::span(images).first(32), std::span(labels).first(2)}) ==
          "residua: a step: expected images of 1x4x4, found a batch of 2x2x4");
    CHECK(refusal(data::Batch{2, Shape{1, 2, 2}, std::span(images).first(8), std::span(labels).first(2)}) ==
          "residua: a step: expected images of 1x4x4, found a batch of 1x2x2");
    CHECK(refusal(data::Batch{2, Net::input_shape, images, labels}) ==
          "residua: a step: expected as many images as the batch says, 2, found 48 values, 16 an image of 1x4x4");
    CHECK(refusal(data::Batch{-1, Net::input_shape, {}, {}}) ==
          "residua: a step: expected as many images as the batch says, -1, found 0 values, 16 an image of 1x4x4");
    CHECK(refusal(batch) == "residua: a step takes 1 to 2 images, 3 were given");

    const auto message = [&](Size values, Size count) {
        return testing::message_of([&] { trainer.step(std::span(images).first(values), std::span(labels).first(count), 0.1); });
    };
    CHECK(message(31, 2) == "residua: a step: expected a whole number of images of 1x4x4, 16 values each, found 31 values");
    CHECK(message(32, 3) == "residua: a step was given 3 labels, expected 2");
    CHECK(message(0, 0) == "residua: a step takes 1 to 2 images, 0 were given");
    CHECK(parameters == start);
    CHECK(trainer.steps_taken() == 0);
    CHECK(testing::message_of([&] { trainer.update(0.1); }) != "none");
}

// A layer of a user's that fails in a task.
struct Moody : KeepsShape {
    static inline bool fails = false;

    template <Signal In, class K>
    struct At : Bound<Moody, In, K> {
        using T = typename K::Scalar;
        static constexpr Size image = stored(In.shape(), K::lanes);
        static constexpr bool counts_moments = true;

        template <Mode, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            f.team->run(f.n, [&](int n, std::byte*) {
                if (fails && n >= 2) throw std::domain_error("image " + std::to_string(n));
                copy<Out>(x.data, y.data, n);
            });
            count_moments<K>(f, y, In);
        }
        template <class Out>
        static void backward(const Frame<T>& f, Unread, Unread, Gradient<T> dy, Out dx) {
            f.team->run(f.n, [&](int n, std::byte*) { copy<Out>(dy.data, dx.data, n); });
        }
        static constexpr void describe(Namer& namer) { namer.leaf("moody", In, In); }

    private:
        template <class Out>
        static void copy(const T* from, T* to, int n) {
            const Size first = static_cast<Size>(n) * image;
            for (Size i = first; i < first + image; ++i) to[i] = Out::accumulates ? to[i] + from[i] : from[i];
        }
    };
};

TEST_CASE("what a user's layer throws in a task arrives, and training goes on") {
    using Net = Network<Shape{3, 4, 4}, Sequence<Conv<4>, Moody, Relu, GlobalAveragePool, Linear<3>>, PlainLoops<double>>;
    const std::vector<double> images(8 * Net::input_shape.size(), 0.5);
    const std::vector<int> labels(8, 1);
    testing::TakesTurns mine;
    for (const Threads& threads : {Threads(1), Threads(2), Threads(8), Threads(mine.executor())}) {
        Parameters<Net> parameters = initialized<Net>();
        const Parameters<Net> before = parameters;
        Trainer<Net, 8> trainer(parameters, {}, {.threads = threads});
        Moody::fails = true;
        CHECK_THROWS_WITH_AS(trainer.step(images.data(), labels.data(), 8, 0.1), "image 2", std::domain_error);
        Moody::fails = false;
        CHECK(parameters == before);
        CHECK(trainer.steps_taken() == 0);

        const double first = trainer.step(images.data(), labels.data(), 8, 0.1).loss;
        CHECK(trainer.step(images.data(), labels.data(), 8, 0.1).loss < first);
    }
}

TEST_CASE("NaN reaches the loss instead of vanishing on the way") {
    using Net = Network<Shape{3, 8, 8}, cifar::BasicSpec<8, Original, ZeroPadding, 4, 4>>;
    Parameters<Net> parameters = initialized<Net>();
    Trainer<Net, 2> trainer(parameters);
    std::vector<float> images(2 * Net::input_shape.size(), 0.5F);
    images[17] = std::numeric_limits<float>::quiet_NaN();
    const int labels[2] = {0, 1};
    CHECK(std::isnan(trainer.step(images.data(), labels, 2, 0.1).loss));
}

}  // namespace
}  // namespace residua
