// Probabilities, likeliest classes, and a network on a whole data set.
#include <doctest/doctest.h>

#include <residua/data/evaluate.hpp>
#include <residua/data/from_arrays.hpp>
#include <residua/data/normalisation.hpp>
#include <residua/residua.hpp>
#include <residua/testing/numbers.hpp>

#include "../support/message.hpp"

#include <array>
#include <cmath>
#include <limits>

namespace residua {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST_CASE("softmax and top_k") {
    const std::vector<double> logits{1, 3, 2, 3};
    const std::vector<double> probabilities = softmax(logits);
    const double sum = std::exp(1.0) + 2 * std::exp(3.0) + std::exp(2.0);
    CHECK(probabilities[0] == doctest::Approx(std::exp(1.0) / sum));
    CHECK(probabilities[1] == doctest::Approx(std::exp(3.0) / sum));
    CHECK(softmax(std::array{1e30F, 0.0F})[0] == 1);
    constexpr double infinity = std::numeric_limits<double>::infinity();
    CHECK(softmax(std::array{0.0, -infinity}) == std::vector<double>{1, 0});
    CHECK(std::isnan(softmax(std::array{0.0, infinity})[0]));
    CHECK(std::isnan(softmax(std::array{0.0, infinity})[1]));
    CHECK(std::isnan(softmax(std::array{-infinity, -infinity})[0]));
    CHECK(std::isnan(softmax(std::array{1.0, nan, 2.0})[2]));

    CHECK(top_k(logits, 3) == std::vector<int>{1, 3, 2});
    CHECK(top_k(std::vector<double>{nan, -1, nan, 5}, 4) == std::vector<int>{3, 1, 0, 2});
    CHECK(testing::message_of([&] { top_k(logits, 0); }) ==
          "residua: top_k: expected k of 1 to 4, the number of classes, found 0");
    CHECK_THROWS_AS(top_k(logits, 5), Error);
    CHECK_THROWS_AS(softmax(std::vector<float>()), Error);
}

TEST_CASE("errors of the first k guesses") {
    Evaluation evaluation;
    const std::vector<float> logits{1, 3, 2, 3};
    for (const int label : {0, 1, 2, 3}) evaluation.add(std::span<const float>(logits), label);
    CHECK(evaluation.images() == 4);
    CHECK(evaluation.predictions() == std::vector<int>{1, 1, 1, 1});
    CHECK(evaluation.ranks() == std::vector<int>{3, 0, 2, 1});
    CHECK(evaluation.error() == 0.75);
    CHECK(evaluation.error(2) == 0.5);
    CHECK(evaluation.correct(4) == 4);
    CHECK_THROWS_AS(evaluation.add(std::span<const float>(logits), 4), Error);

    const float broken[4] = {0, static_cast<float>(nan), 0, 0};
    evaluation.add(std::span<const float>(broken), 0);
    CHECK(std::isnan(evaluation.loss()));
    CHECK(evaluation.correct(4) == 4);
    CHECK(evaluation.predictions()[4] == 0);
    CHECK(std::isnan(evaluation.confidences()[4]));
}

TEST_CASE("an evaluation refuses what has no answer") {
    const auto of = [](auto ask) { return testing::message_of(ask); };
    Evaluation evaluation;
    CHECK(of([&] { evaluation.add(std::span<const float>(), 0); }) == "residua: evaluation: expected at least 1 logit, found 0");
    CHECK(evaluation.correct(5) == 0);
    CHECK(std::isnan(evaluation.error()));
    CHECK(std::isnan(evaluation.loss()));
    CHECK(of([&] { evaluation.correct(0); }) == "residua: evaluation: expected k of at least 1, found 0");

    const std::vector<float> logits{1, 3, 2, 3};
    evaluation.add(std::span<const float>(logits), 1);
    CHECK(evaluation.error(4) == 0);
    CHECK(of([&] { evaluation.error(0); }) == "residua: evaluation: expected k of at least 1, found 0");
    CHECK(of([&] { evaluation.error(5); }) == "residua: evaluation: expected k of at most 4, the number of classes, found 5");
    CHECK(of([&] { evaluation.correct(-1); }) == "residua: evaluation: expected k of at least 1, found -1");

    CHECK(of([&] { evaluation.add(std::span<const float>(logits).first(2), 1); }) ==
          "residua: evaluation: expected 4 logits, as of the images before, found 2");
    CHECK(evaluation.images() == 1);
}

TEST_CASE("a network on a data set: in any batches what a step finds") {
    using Net = Network<Shape{2, 5, 4}, Sequence<Conv<4>, Relu, GlobalAveragePool, Linear<3>>, PlainLoops<double>>;
    constexpr int n = 70;
    testing::Numbers numbers(1);
    std::vector<float> pixels(n * Net::input_shape.size());
    std::vector<int> labels;
    for (float& pixel : pixels) pixel = static_cast<float>(numbers.next());
    for (int i = 0; i < n; ++i) labels.push_back(i % 3);
    const data::FloatDataset set = data::from_arrays(Net::input, 3, pixels, labels);
    const data::Normalisation normalisation = data::per_channel(set);

    Parameters<Net> parameters = initialized<Net>();
    const Inference<Net> engine(parameters);
    const Evaluation whole = data::evaluate(engine, set, normalisation, 2);
    Inference<Net>::Workspace<9> small;
    const Evaluation in_parts = data::evaluate(engine, small, set, normalisation);
    CHECK(whole.ranks() == in_parts.ranks());
    CHECK(whole.loss() == in_parts.loss());
    CHECK(whole.images() == n);

    Trainer<Net, n> trainer(parameters);
    data::InOrderOf<double> all(set, normalisation, n);
    const StepResult step = trainer.step(*all.begin(), 0);
    CHECK(step.loss == doctest::Approx(whole.loss()).epsilon(1e-13));
    CHECK(step.correct == whole.correct());

    CHECK(testing::message_of([&] {
              data::evaluate(engine, data::from_arrays(Shape{1, 2, 2}, 3, std::vector<float>(4), {0}), normalisation);
          }) == "residua: evaluate: expected images of 2x5x4, found 1x2x2");
    CHECK(testing::message_of([&] {
              data::evaluate(engine, data::from_arrays(Net::input, 4, std::vector<float>(40), {0}), normalisation);
          }) == "residua: evaluate: expected a data set of 3 classes, as many as the network has, or of 0 (not known), found 4");
    data::FloatDataset fewer = set;
    for (std::uint16_t& label : fewer.labels) label = static_cast<std::uint16_t>(label % 2);
    fewer.classes = 2;
    CHECK(testing::message_of([&] { data::evaluate(engine, fewer, normalisation); }) ==
          "residua: evaluate: expected a data set of 3 classes, as many as the network has, or of 0 (not known), found 2");
    fewer.classes = 0;
    CHECK(data::evaluate(engine, fewer, normalisation).images() == n);
    fewer.labels[3] = 3;
    CHECK(testing::message_of([&] { data::evaluate(engine, fewer, normalisation); }) ==
          "residua: evaluation: label 3, expected 0 to 2");
}

}  // namespace
}  // namespace residua
