// Optimizers, a user's own among them; a step in two halves; and reductions over processes.
#include <doctest/doctest.h>

#include <residua/residua.hpp>
#include <residua/testing/numbers.hpp>

#include "../support/message.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>
#include <type_traits>
#include <vector>

namespace residua {
namespace {

TEST_CASE("a trainer refuses an optimizer and a rate that make no sense") {
    using Net = Network<Shape{1, 4, 4}, Sequence<Conv<2>, BatchNorm<>, GlobalAveragePool, Linear<2>>>;
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    Parameters<Net> parameters = initialized<Net>();
    for (const double momentum : {nan, -0.1, 1.0}) {
        CHECK_THROWS_AS((Trainer<Net, 2>(parameters, Sgd{.momentum = momentum})), Error);
    }
    for (const double decay : {nan, -1e-4, std::numeric_limits<double>::infinity()}) {
        CHECK_THROWS_AS((Trainer<Net, 2>(parameters, Sgd{.weight_decay = decay})), Error);
    }
    Trainer<Net, 2> trainer(parameters);
    const std::vector<float> images(2 * Net::input_shape.size(), 0.5F);
    const int labels[2] = {0, 1};
    const Parameters<Net> before = parameters;
    CHECK_THROWS_WITH_AS(trainer.step(images.data(), labels, 2, nan),
                         "residua: learning rate: expected a finite number of 0 or more, found nan", Error);
    const std::string infinite = "residua: learning rate: expected at most 3.40282347e+38, the network's largest number, found ";
    CHECK(testing::message_of([&] { trainer.step(images.data(), labels, 2, 1e39); }) == infinite + "1e+39");
    CHECK(testing::message_of([&] { trainer.step(images.data(), labels, 2, 3.5e38); }) == infinite + "3.5e+38");
    CHECK(parameters == before);
    CHECK(trainer.steps_taken() == 0);

    trainer.find_gradients(images, labels);
    CHECK(testing::message_of([&] { trainer.update(1e39); }) == infinite + "1e+39");
    trainer.update(0.1);
    CHECK(trainer.steps_taken() == 1);
}

TEST_CASE("what decays") {
    using Net = Network<Shape{1, 4, 4}, Sequence<Conv<2>, BatchNorm<>, GlobalAveragePool, Linear<2>>>;
    const auto decaying = [](Decay decay) {
        Size count = 0;
        for (const auto& run : detail::runs_of<Net>(Sgd{.decay = decay})) count += run.decays ? run.end - run.begin : 0;
        return count;
    };
    CHECK(decaying(Decay::all) == Net::parameter_count);
    CHECK(decaying(Decay::weights) == 2 * 9 + 2 * 2);
    Size covered = 0;
    for (const auto& run : detail::runs_of<cifar::PreActResNet<110>>(Sgd{.decay = Decay::weights})) {
        CHECK(run.begin == covered);
        covered = run.end;
    }
    CHECK(covered == cifar::PreActResNet<110>::parameter_count);
}

// torch.optim.AdamW of PyTorch 1.13, in double: three steps.
TEST_CASE_TEMPLATE("numbers too small to be normal are not kept", T, float, double) {
    const T tiny = std::numeric_limits<T>::min() / 4;
    const auto moved = [&](const auto& optimizer) {
        constexpr Size states = std::remove_cvref_t<decltype(optimizer)>::states;
        constexpr Size size = 37;  // lines, and scalars behind them
        std::vector<T> values(size * (1 + states), tiny);
        const std::vector<T> gradients(size, T(0));
        ParameterRun<T, states> run{size, true, values.data(), gradients.data(), {}};
        for (Size s = 0; s < states; ++s) run.states[s] = values.data() + (1 + s) * size;
        optimizer.update(UpdateAt{0.1, 1}, run);
        return values;
    };
    for (const T value : moved(Sgd{})) CHECK(value == 0);
    for (const T value : moved(AdamW{})) CHECK(value == 0);
}

TEST_CASE("AdamW is PyTorch's") {
    const AdamW adam{.beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-6, .weight_decay = 0.1};
    double parameters[4] = {0.5, -1.25, 2, 0};
    double kept[2][4] = {};
    for (std::int64_t step = 1; step <= 3; ++step) {
        const double k = static_cast<double>(step - 1);
        const double gradients[4] = {0.1 * (k + 1), -0.2, 0.03 * k, 1 - k};
        adam.update({0.03, step}, ParameterRun<double, 2>{4, true, parameters, gradients, {kept[0], kept[1]}});
    }
    const double expected[4] = {0.40709641284454146, -1.1490538948991071, 1.9327181481800515, -0.04344577430989522};
    for (int i = 0; i < 4; ++i) CHECK(parameters[i] == doctest::Approx(expected[i]).epsilon(1e-14));

    const auto message = [](const AdamW& wrong) { return testing::message_of([&] { wrong.check(); }); };
    CHECK(message({.beta1 = 1}) == "residua: betas: expected at least 0 and below 1, found 1");
    CHECK(message({.epsilon = 0}) == "residua: epsilon: expected a finite number above 0, found 0");
    CHECK(message({.weight_decay = -1}) == "residua: weight decay: expected a finite number of 0 or more, found -1");
    CHECK(message({}) == "none");
}

// Moves every parameter by the rate, against its gradient's sign (Bernstein et al. 2018), and keeps nothing.
struct SignSgd {
    static constexpr std::string_view name = "sign";
    static constexpr Size states = 0;

    void check() const {}
    bool decays(Role) const { return false; }
    template <class T>
    void update(UpdateAt at, const ParameterRun<T, 0>& run) const {
        for (Size i = 0; i < run.size; ++i) {
            const T g = run.gradients[i];
            run.parameters[i] -= T(at.rate) * T((g > T(0)) - (g < T(0)));
        }
    }
};
static_assert(IsOptimizer<Sgd> && IsOptimizer<AdamW, double> && IsOptimizer<SignSgd> && !IsOptimizer<Constant>);

using Net = Network<Shape{3, 6, 5}, Sequence<Conv<5>, Relu, GlobalAveragePool, Linear<4>>, PlainLoops<double>>;

struct Task {
    std::vector<double> images;
    std::vector<int> labels;

    explicit Task(int n, std::uint64_t seed = 1) : images(static_cast<Size>(n) * Net::input_shape.size()) {
        testing::Numbers numbers(seed);
        for (double& value : images) value = numbers.next();
        for (int i = 0; i < n; ++i) labels.push_back(i % 4);
    }
};

TEST_CASE_TEMPLATE("networks learn with any optimizer", Optimizer, AdamW, SignSgd) {
    Parameters<Net> parameters = initialized<Net>();
    Trainer<Net, 8, Optimizer> trainer(parameters);
    CHECK(trainer.state().size() == Optimizer::states * Net::parameter_count);
    const Task task(8);
    const double before = trainer.step(task.images.data(), task.labels.data(), 8, 0.01).loss;
    double after = before;
    for (int step = 0; step < 200; ++step) after = trainer.step(task.images.data(), task.labels.data(), 8, 0.01).loss;
    CHECK(after < before / 4);
}

TEST_CASE("a step in two halves is a step, and gradients may be changed in between") {
    const Task task(8);
    Parameters<Net> whole = initialized<Net>();
    Parameters<Net> halves = whole;
    Trainer<Net, 8> one(whole);
    Trainer<Net, 8> two(halves);
    const SoftmaxCrossEntropy loss{task.labels};
    for (int step = 0; step < 3; ++step) {
        const double expected = one.step(task.images.data(), task.labels.data(), 8, 0.1).loss;
        CHECK(two.find_gradients(task.images.data(), 8, loss).loss == expected);
        two.update(0.1);
    }
    CHECK(whole == halves);
    CHECK(two.steps_taken() == 3);

    CHECK(testing::message_of([&] { two.update(0.1); }).find("expected find_gradients before it") != std::string::npos);
    two.find_gradients(task.images.data(), 8, loss);
    CHECK_THROWS_AS(two.update(-1), Error);
    CHECK(whole == halves);
    for (double& gradient : two.gradients()) gradient = 0;
    two.update(0);
    CHECK(whole == halves);
}

TEST_CASE_TEMPLATE("gradients are clipped by their norm", T, float, double) {
    std::vector<T> gradients{3, 0, -4};
    CHECK(clip_gradients(std::span(gradients), 5) == 5);
    CHECK(gradients == std::vector<T>{3, 0, -4});
    CHECK(clip_gradients(std::span(gradients), 1) == 5);
    CHECK(gradients == std::vector<T>{T(3 * (1 / 5.0)), 0, T(-4 * (1 / 5.0))});

    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    for (const double most : {0.0, -1.0, nan, infinity}) {
        CHECK(testing::message_of([&] { clip_gradients(std::span(gradients), most); }) ==
              "residua: clipping: expected a norm that is a finite number above 0, found " + shown(most));
    }
    std::vector<T> broken{3, T(infinity), -4};
    CHECK(clip_gradients(std::span(broken), 1) == infinity);
    CHECK(broken == std::vector<T>{3, T(infinity), -4});
    broken[1] = T(nan);
    CHECK(std::isnan(clip_gradients(std::span(broken), 1)));
    CHECK(broken[0] == 3);
    CHECK(clip_gradients(std::span<T>(), 1) == 0);
}

TEST_CASE("a step with clipped gradients") {
    const Task task(8);
    Parameters<Net> parameters = initialized<Net>();
    Trainer<Net, 8> trainer(parameters);
    trainer.find_gradients(task.images, task.labels);
    const double norm = clip_gradients(trainer.gradients(), 1e-3);
    CHECK(norm > 1e-3);
    CHECK(clip_gradients(trainer.gradients(), 1e6) == doctest::Approx(1e-3).epsilon(1e-14));
    trainer.update(0.1);
    CHECK(trainer.steps_taken() == 1);
}

TEST_CASE("a loss that throws leaves the parameters alone") {
    const Task task(8);
    Parameters<Net> parameters = initialized<Net>();
    const Parameters<Net> before = parameters;
    Trainer<Net, 8> trainer(parameters);
    const auto fails = [](Rows<const double>, Rows<double>) -> StepResult { throw std::domain_error("mine"); };
    CHECK_THROWS_AS(trainer.step(task.images.data(), 8, fails, 0.1), std::domain_error);
    CHECK_THROWS_AS(trainer.update(0.1), Error);
    CHECK(parameters == before);
}

// Two processes, one after the other: the second meets what the first has left.
struct Meeting {
    std::vector<double>* sums;
    StepResult* all;

    StepResult operator()(std::span<double> gradients, StepResult mine) const {
        const double share = mine.images;
        all->loss += mine.loss * share;
        all->correct += mine.correct;
        all->images += mine.images;
        for (Size i = 0; i < gradients.size(); ++i) {
            (*sums)[i] += gradients[i] * share;
            gradients[i] = (*sums)[i] / all->images;
        }
        return {all->loss / all->images, all->correct, all->images};
    }
};
static_assert(IsReduction<Meeting, double> && IsReduction<Alone, float> && !IsReduction<Sgd, float>);

TEST_CASE("a reduction makes one step of several processes' images") {
    const Task task(7);
    Parameters<Net> whole = initialized<Net>();
    Trainer<Net, 8> one(whole);
    const StepResult expected = one.step(task.images.data(), task.labels.data(), 7, 0.1);

    std::vector<double> sums(Net::parameter_count);
    StepResult all;
    Parameters<Net> mine = initialized<Net>();
    Parameters<Net> yours = mine;
    Trainer<Net, 8, Meeting> first(mine, {}, {}, Meeting{&sums, &all});
    Trainer<Net, 8, Meeting> second(yours, {}, {.first_sample = 4}, Meeting{&sums, &all});
    first.find_gradients(task.images.data(), 4, SoftmaxCrossEntropy{std::span(task.labels).first(4)});
    const double* rest = task.images.data() + 4 * Net::input_shape.size();
    const StepResult result = second.step(rest, 3, SoftmaxCrossEntropy{std::span(task.labels).subspan(4)}, 0.1);
    CHECK(result.loss == doctest::Approx(expected.loss).epsilon(1e-13));
    CHECK(result.images == 7);
    CHECK(result.correct == expected.correct);
    for (Size i = 0; i < Net::parameter_count; ++i) CHECK(yours.values()[i] == doctest::Approx(whole.values()[i]).epsilon(1e-11));
}

}  // namespace
}  // namespace residua
