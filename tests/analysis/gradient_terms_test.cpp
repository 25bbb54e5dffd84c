// The terms of dE/dx_l, with branches there: they add up, for every ordering and shortcut, and are what equations (4) and (5)
// say.
#include <doctest/doctest.h>

#include <residua/analysis/gradient_terms.hpp>
#include <residua/residua.hpp>
#include <residua/testing/bound_layer.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "../support/message.hpp"

namespace residua {
namespace {

constexpr int n = 3;
constexpr Shape shape{4, 5, 4};

// A unit of each shortcut before anything else, so that x_0 is the image. (Dropout's masks are drawn; behind the third unit
// stands a layer that is none.)
template <class Order, class K>
using Mixed = Network<
    shape,
    Sequence<Unit<Order, Basic<4>, ConstantScaling<Real(0.7), Real(0.9)>>, Unit<Order, Basic<4>, ExclusiveGating<Real(-1)>>,
             Unit<Order, Basic<6, 2>, ShortcutOnlyGating<Real(-1), Project>>, Scale<Real(1.5)>, Unit<Order, Basic<6>, Conv1x1<>>,
             Unit<Order, Basic<6>, DropoutShortcut<>>, Unit<Order, Basic<9, 2>, Project>, Unit<Order, Basic<12, 2>, ZeroPadding>,
             Unit<Order, Basic<12>>, GlobalAveragePool, Linear<3>>,
    K>;

template <class T>
std::vector<T> numbers(Size count, std::uint64_t seed) {
    testing::Numbers source(seed);
    std::vector<T> result(count);
    for (T& value : result) value = static_cast<T>(source.next());
    return result;
}

// Nothing at its trivial value.
template <class Net>
Parameters<Net> some_parameters() {
    Parameters<Net> parameters = initialized<Net>();
    testing::Numbers source(2);
    for (auto& value : parameters.values()) value += static_cast<typename Net::Scalar>(0.2 * source.next());
    return parameters;
}

const std::vector<int> labels{0, 2, 1};

// A term of the gradient of the images, [n][channels][height][width]. That of the whole comes first.
template <class Net>
class ImageTerms {
public:
    using T = typename Net::Scalar;

    std::vector<T> operator()(detail::Term term) {
        Parameters<Net> parameters = some_parameters<Net>();
        std::vector<T> gradients(Net::parameter_count);
        std::vector<T> result(images.size());
        pass_.unit_watch().term = term;
        pass_(parameters, images.data(), labels.data(), n, gradients.data(), {}, result.data());
        return result;
    }

    const std::vector<T> images = numbers<T>(n * Net::input_shape.size(), 1);

private:
    TrainingPass<Net, n, detail::WatchTerms<T>> pass_;
};

template <class T>
double norm(const std::vector<T>& values) {
    double squares = 0;
    for (const T value : values) squares += static_cast<double>(value) * static_cast<double>(value);
    return std::sqrt(squares);
}

// ||a - b - c|| / ||a||
template <class T>
double left_over(const std::vector<T>& a, const std::vector<T>& b, const std::vector<T>& c) {
    std::vector<T> rest(a.size());
    for (Size i = 0; i < a.size(); ++i) rest[i] = a[i] - b[i] - c[i];
    return norm(rest) / norm(a);
}

template <class Net>
void check_sum(double tolerance) {
    static_assert(Net::template Trained<KeepAll, detail::WatchTerms<typename Net::Scalar>>::extent == Net::Root::extent);
    ImageTerms<Net> term;
    const auto whole = term(detail::Term::whole);
    const auto direct = term(detail::Term::direct);
    const auto branches = term(detail::Term::branches);
    CHECK(left_over(whole, direct, branches) < tolerance);
    CHECK(norm(direct) > 1000 * tolerance * norm(whole));
    CHECK(norm(branches) > 1000 * tolerance * norm(whole));

    analysis::GradientTerms<Net, n> find;
    const std::span<const analysis::TermNorms> norms = find(some_parameters<Net>(), term.images, labels);
    REQUIRE(norms.size() == 9);
    CHECK(norms[0].whole == doctest::Approx(norm(whole)).epsilon(tolerance));
    CHECK(norms[0].direct == doctest::Approx(norm(direct)).epsilon(tolerance));
    CHECK(norms[0].branches == doctest::Approx(norm(branches)).epsilon(tolerance));
    CHECK(norms[8].direct == norms[8].whole);
    CHECK(norms[8].branches == 0);
}

TEST_CASE_TEMPLATE("the terms add up, for every shortcut", Order, Original, BnAfterAddition, ReluBeforeAddition,
                   ReluPreActivation, PreActivation) {
    check_sum<Mixed<Order, PlainLoops<double>>>(1e-12);
}

TEST_CASE("the terms add up on vectors, are the same on any number of threads, and the whole is what a pass has") {
    using Net = Mixed<PreActivation, Vectorised<float>>;
    check_sum<Net>(1e-5);

    const Parameters<Net> parameters = some_parameters<Net>();
    const std::vector<float> images = numbers<float>(n * Net::input_shape.size(), 1);
    analysis::GradientTerms<Net, n> find;
    analysis::GradientTerms<Net, n> find_by_three(3);
    const auto one = find(parameters, images, labels);
    const auto three = find_by_three(parameters, images, SoftmaxCrossEntropy{labels});
    const auto same = [](const analysis::TermNorms& a, const analysis::TermNorms& b) {
        return a.whole == b.whole && a.direct == b.direct && a.branches == b.branches;
    };
    CHECK(std::ranges::equal(one, three, same));

    Parameters<Net> of_pass = parameters;
    TrainingPass<Net, n, WatchUnits> pass;
    std::vector<float> gradients(Net::parameter_count);
    pass(of_pass, images.data(), labels.data(), n, gradients.data());
    const auto same_gradient = [](const analysis::TermNorms& a, const UnitNorms& b) { return a.whole == b.gradient; };
    CHECK(std::ranges::equal(one, pass.unit_norms(), same_gradient));

    const std::string message = testing::message_of([&] { find(parameters, std::span(images).first(7), labels); });
    CHECK(testing::has(message, "expected a whole number of images"));
}

// Identity shortcuts, and nothing after the addition.
using Plain = Unit<PreActivation, Basic<4>, ZeroPadding, Split::on_the_branch>;
using PlainNet = Network<shape, Sequence<Repeat<3, Plain>, GlobalAveragePool, Linear<3>>, PlainLoops<double>>;

// Its units one by one, and their branches alone.
class PlainUnits {
public:
    explicit PlainUnits(const Parameters<PlainNet>& parameters) : parameters_(parameters) {}

    std::vector<double> unit(Size l, const std::vector<double>& x) { return run(unit_, l, x); }
    std::vector<double> branch(Size l, const std::vector<double>& x) { return run(branch_, l, x); }

private:
    static constexpr Signal signal{shape, true};

    template <class Bound>
    std::vector<double> run(Bound& bound, Size l, const std::vector<double>& x) {
        const double* from = parameters_.parameters() + l * bound.parameters.size();
        std::copy_n(from, bound.parameters.size(), bound.parameters.begin());
        bound.x = x;
        return bound.template forward<Mode::training>();
    }

    const Parameters<PlainNet>& parameters_;
    testing::BoundLayer<Plain, signal, PlainLoops<double>> unit_{n};
    testing::BoundLayer<Sequence<PreActivation::Before, Plain::F>, signal, PlainLoops<double>> branch_{n};
};

TEST_CASE("equation (4): x_L - x_l is the sum of the branches") {
    const Parameters<PlainNet> parameters = some_parameters<PlainNet>();
    PlainUnits units(parameters);
    std::array<std::vector<double>, 4> x;
    x[0] = numbers<double>(n * shape.size(), 1);
    for (Size l = 0; l < 3; ++l) x[l + 1] = units.unit(l, x[l]);

    testing::BoundLayer<Repeat<3, Plain>, Signal(shape, true), PlainLoops<double>> all(n);
    std::copy_n(parameters.parameters(), all.parameters.size(), all.parameters.begin());
    all.x = x[0];
    const std::vector<double> last = all.forward<Mode::training>();

    std::vector<double> sum(last.size());
    for (Size l = 3; l-- > 0;) {
        const std::vector<double> branch = units.branch(l, x[l]);
        for (Size i = 0; i < sum.size(); ++i) sum[i] += branch[i];
        CHECK(left_over(last, x[l], sum) < 1e-14);
        CHECK(norm(sum) > 0.1 * norm(last));
    }
}

TEST_CASE("equation (5): the direct term is dE/dx_L, that of the branches the derivative of their sum") {
    ImageTerms<PlainNet> term;
    term(detail::Term::whole);
    const std::vector<double> direct = term(detail::Term::direct);
    const std::vector<double> branches = term(detail::Term::branches);

    const Parameters<PlainNet> parameters = some_parameters<PlainNet>();
    analysis::GradientTerms<PlainNet, n> find;
    const auto norms = find(parameters, term.images, labels);
    REQUIRE(norms.size() == 4);
    for (const analysis::TermNorms& at : norms) CHECK(at.direct == norms[3].whole);

    // dE/dx_L, which `direct` is, times the sum of the branches, as a function of x_0.
    PlainUnits units(parameters);
    const std::vector<double> way = numbers<double>(direct.size(), 3);
    const auto pull_at = [&](double step) {
        std::vector<double> x = term.images;
        for (Size i = 0; i < x.size(); ++i) x[i] += step * way[i];
        double pull = 0;
        for (Size l = 0; l < 3; ++l) {
            const std::vector<double> branch = units.branch(l, x);
            for (Size i = 0; i < x.size(); ++i) pull += direct[i] * branch[i];
            x = units.unit(l, x);
        }
        return pull;
    };
    constexpr double step = 1e-6;
    double derivative = 0;
    for (Size i = 0; i < way.size(); ++i) derivative += branches[i] * way[i];
    CHECK(derivative == doctest::Approx((pull_at(step) - pull_at(-step)) / (2 * step)).epsilon(1e-6));
    CHECK(std::abs(derivative) > 1e-3 * norm(branches) * norm(way));
}

}  // namespace
}  // namespace residua
