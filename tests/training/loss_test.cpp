// Losses: hard, smoothed and soft labels, and a user's own.
#include <doctest/doctest.h>

#include <residua/residua.hpp>
#include <residua/testing/numbers.hpp>

#include "../support/message.hpp"

#include <cmath>
#include <limits>
#include <vector>

namespace residua {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Found {
    StepResult result;
    std::vector<double> gradient;
};

// Of rows of three logits, with room for a fourth.
template <class Loss>
Found found(const Loss& loss, const std::vector<double>& logits) {
    const int n = static_cast<int>(logits.size()) / 3;
    std::vector<double> rows(static_cast<Size>(n) * 4, 99);
    for (Size i = 0; i < logits.size(); ++i) rows[i / 3 * 4 + i % 3] = logits[i];
    std::vector<double> gradients(rows.size(), 7);
    Found found;
    found.result = loss(Rows<const double>(rows.data(), n, 3, 4), Rows<double>(gradients.data(), n, 3, 4));
    for (Size i = 0; i < logits.size(); ++i) found.gradient.push_back(gradients[i / 3 * 4 + i % 3]);
    for (Size i = 3; i < gradients.size(); i += 4) CHECK(gradients[i] == 7);
    return found;
}

void check_near(const std::vector<double>& a, const std::vector<double>& b) {
    REQUIRE(a.size() == b.size());
    for (Size i = 0; i < a.size(); ++i) CHECK(a[i] == doctest::Approx(b[i]).epsilon(1e-13));
}

const std::vector<double> logits{1, 2, -1, 0.5, 0, 3, 2, 2, -4};

TEST_CASE("softmax cross-entropy and its gradient") {
    const int labels[2] = {2, 0};
    const Found two = found(SoftmaxCrossEntropy{labels}, {1, 2, 3, 0, 0, 0});
    const double first = std::log(std::exp(1.0) + std::exp(2.0) + std::exp(3.0)) - 3;
    CHECK(two.result.loss == doctest::Approx((first + std::log(3.0)) / 2));
    CHECK(two.result.correct == 2);
    CHECK(two.gradient[3] == doctest::Approx((1.0 / 3 - 1) / 2));
    CHECK(two.gradient[0] + two.gradient[1] + two.gradient[2] == doctest::Approx(0));

    const int label[1] = {1};
    CHECK(found(SoftmaxCrossEntropy{label}, {1e4, -1e4, 0}).result.loss == doctest::Approx(2e4));
    for (const double smoothing : {0.0, 0.1}) {
        const Found broken = found(SoftmaxCrossEntropy{label, smoothing}, {0, nan, 0});
        CHECK(std::isnan(broken.result.loss));
        CHECK(broken.result.correct == 0);
    }
}

// torch.nn.functional.cross_entropy of PyTorch 1.13, in double.
TEST_CASE("smoothed and soft labels are PyTorch's") {
    const int labels[3] = {2, 0, 1};
    const Found smoothed = found(SoftmaxCrossEntropy{labels, 0.1}, logits);
    CHECK(smoothed.result.loss == doctest::Approx(2.2113125436866494).epsilon(1e-14));
    check_near(smoothed.gradient,
               {0.07538770900302859, 0.2240170597883026, -0.2994047687913312, -0.2869372958841952, 0.003551048986241505,
                0.2833862468979537, 0.1553492485661163, -0.1446507514338837, -0.01069849713223252});

    const std::vector<double> targets{0.2, 0.5, 0.3, 0, 1, 0, 0.9, 0.3, 0};
    const Found soft = found(SoftTargets{targets}, logits);
    CHECK(soft.result.loss == doctest::Approx(1.8020493740814756).epsilon(1e-14));
    CHECK(soft.result.correct == 2);
    check_near(soft.gradient,
               {0.01983215344747304, 0.06846150423274706, -0.08829365768022009, 0.024173815226915918, -0.3186711732359807,
                0.29449735800906474, -0.10024756838732714, 0.09975243161267286, 0.0004951367746543105});
}

TEST_CASE("targets of one class each are labels") {
    const int labels[3] = {2, 0, 1};
    const std::vector<double> targets{0, 0, 1, 1, 0, 0, 0, 1, 0};
    const Found hard = found(SoftmaxCrossEntropy{labels}, logits);
    const Found soft = found(SoftTargets{targets}, logits);
    CHECK(soft.result.loss == doctest::Approx(hard.result.loss).epsilon(1e-14));
    CHECK(soft.result.correct == hard.result.correct);
    check_near(soft.gradient, hard.gradient);

    const double infinity = std::numeric_limits<double>::infinity();
    const std::vector<double> first{1, 0, 0};
    CHECK(found(SoftTargets{first}, {0, -infinity, 0}).result.loss == doctest::Approx(std::log(2.0)));
    CHECK(std::isnan(found(SoftTargets{first}, {0, nan, 0}).result.loss));
    CHECK(found(SoftTargets{first}, {0, nan, 0}).result.correct == 0);
}

using Net = Network<Shape{1, 4, 4}, Sequence<Conv<2>, BatchNorm<>, GlobalAveragePool, Linear<3>>>;

TEST_CASE("a loss that does not fit its images is refused, and nothing has changed") {
    Parameters<Net> parameters = initialized<Net>();
    Trainer<Net, 2> trainer(parameters);
    const std::vector<float> images(2 * Net::input_shape.size(), 0.5F);
    const Parameters<Net> before = parameters;
    const auto message = [&](const auto& loss) {
        return testing::message_of([&] { trainer.step(images.data(), 2, loss, 0.1); });
    };
    const int three[3] = {0, 1, 2};
    const int wild[2] = {0, 3};
    const int good[2] = {0, 1};
    CHECK(message(SoftmaxCrossEntropy{three}) == "residua: a step was given 3 labels, expected 2");
    CHECK(message(SoftmaxCrossEntropy{wild}) == "residua: label 1 of a batch is 3, expected 0 to 2");
    CHECK(message(SoftmaxCrossEntropy{good, 1.5}) == "residua: label smoothing: expected 0 to 1, found 1.5");
    CHECK(message(SoftmaxCrossEntropy{good, nan}) == "residua: label smoothing: expected 0 to 1, found nan");
    CHECK(message(SoftTargets{std::vector<float>(5)}) == "residua: a step was given 5 targets, expected 6");
    CHECK(message(SoftTargets{std::vector<float>{0, 0, 1, 0, -1, 0}}) ==
          "residua: target 4 of a batch: expected a finite number of 0 or more, found -1");
    CHECK(testing::message_of([&] { trainer.step(images.data(), nullptr, 2, 0.1); }) ==
          "residua: a step was given null for its labels");
    CHECK(testing::message_of([&] { trainer.step(nullptr, good, 2, 0.1); }) == "residua: a step was given null for its images");
    CHECK(parameters == before);
    CHECK(trainer.steps_taken() == 0);
}

TEST_CASE("a loss finds rows of zeros for its gradients, in each step") {
    Parameters<Net> parameters = initialized<Net>();
    Parameters<Net> other = parameters;
    Trainer<Net, 2> adding(parameters);
    Trainer<Net, 2> writing(other);
    const std::vector<float> images(2 * Net::input_shape.size(), 0.5F);
    const auto adds = [](Rows<const float> y, Rows<float> gradient) {
        for (int i = 0; i < y.rows(); ++i) gradient[i][1] -= 0.5F;
        return StepResult{0, 0, y.rows()};
    };
    const auto writes = [](Rows<const float> y, Rows<float> gradient) {
        for (int i = 0; i < y.rows(); ++i) {
            for (float& g : gradient[i]) g = 0;
            gradient[i][1] = -0.5F;
        }
        return StepResult{0, 0, y.rows()};
    };
    for (int step = 0; step < 3; ++step) {
        adding.step(images, adds, 0.1);
        writing.step(images, writes, 0.1);
        CHECK(parameters == other);
    }
}

// What a loss may have beside its operator: a check of one form, or none.
struct Unchecked {
    template <class T>
    StepResult operator()(Rows<const T>, Rows<T>) const {
        return {};
    }
};
struct Checked : Unchecked {
    void check(auto, auto) const {}
};
struct FinalWithout final : Unchecked {};
struct OfSizes : Unchecked {
    void check(Size, Size) const {}
};
struct Overloaded : Unchecked {
    void check() const {}
    void check(int, int) const {}
};
struct CheckOfOne : Unchecked {
    void check(int) const {}
};
struct CheckThatChanges : Unchecked {
    void check(int, int) {}
};
struct CheckThatAnswers final : Unchecked {
    bool check(int, int) const { return false; }
};
struct CheckOfItsOwn : Unchecked {
private:
    void check(int, int) const {}
};
static_assert(IsLoss<SoftmaxCrossEntropy, float> && IsLoss<SoftTargets<double>, double> && IsLoss<Unchecked, float> &&
              IsLoss<Checked, float> && IsLoss<FinalWithout, float> && IsLoss<OfSizes, float> && IsLoss<Overloaded, float>);
static_assert(IsLoss<StepResult (*)(Rows<const float>, Rows<float>), float>);
static_assert(!IsLoss<SoftTargets<double>, float> && !IsLoss<CheckOfOne, float> && !IsLoss<CheckThatChanges, float> &&
              !IsLoss<CheckThatAnswers, float> && !IsLoss<CheckOfItsOwn, float>);

TEST_CASE("a loss of one's own: half the squared distance") {
    using Regression = Network<Shape{1, 4, 4}, Sequence<Conv<2>, GlobalAveragePool, Linear<3>>, PlainLoops<double>>;
    Parameters<Regression> parameters = initialized<Regression>();
    Trainer<Regression, 2> trainer(parameters, Sgd{.weight_decay = 0});
    testing::Numbers numbers(1);
    std::vector<double> images(2 * Regression::input_shape.size());
    std::vector<double> wanted(6);
    for (double& value : images) value = numbers.next();
    for (double& value : wanted) value = numbers.next();

    const auto distance = [&](Rows<const double> y, Rows<double> dy) {
        StepResult result{0, 0, y.rows()};
        for (int i = 0; i < y.rows(); ++i) {
            for (Size c = 0; c < 3; ++c) {
                const double difference = y[i][c] - wanted[static_cast<Size>(i) * 3 + c];
                result.loss += difference * difference / 2 / y.rows();
                dy[i][c] = difference / y.rows();
            }
        }
        return result;
    };
    const double before = trainer.step(images.data(), 2, distance, 0.05).loss;
    double after = before;
    for (int step = 0; step < 300; ++step) after = trainer.step(images.data(), 2, distance, 0.05).loss;
    CHECK(after < before / 20);
}

}  // namespace
}  // namespace residua
