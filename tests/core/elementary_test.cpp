// Our own elementary functions against long double's, and lines and tiles against scalars.
#include <doctest/doctest.h>

#include <residua/simd/elementary.hpp>
#include <residua/simd/line.hpp>
#include <residua/simd/transpose.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace residua {
namespace {

// How far a value is from what it should be, in units of the last place of that.
template <class T>
double units_apart(T found, long double wanted) {
    const T rounded = static_cast<T>(wanted);
    const T unit = std::nextafter(std::abs(rounded), std::numeric_limits<T>::infinity()) - std::abs(rounded);
    return static_cast<double>(std::abs(static_cast<long double>(found) - wanted) / static_cast<long double>(unit));
}

// The largest such distance of f from `exact`, over so many points from `least` to `most`.
template <class T, class F, class Exact>
double farthest(T least, T most, F f, Exact exact) {
    constexpr int points = 10'007;
    double result = 0;
    for (int i = 0; i <= points; ++i) {
        const T x = least + (most - least) * static_cast<T>(i) / static_cast<T>(points);
        result = std::max(result, units_apart(f(x), exact(static_cast<long double>(x))));
    }
    return result;
}

// The normal distribution's tails by the C library's erfc.
long double share_below(long double x) { return 0.5L * std::erfc(-x / std::numbers::sqrt2_v<long double>); }

TEST_CASE_TEMPLATE("exp is good to two units in the last place, and ends where the type does", T, float, double) {
    const T least = std::log(std::numeric_limits<T>::min());
    const T most = std::log(std::numeric_limits<T>::max());
    const auto exact = [](long double x) { return std::exp(x); };
    CHECK(farthest<T>(
              least, most, [](T x) { return simd::exp(x); }, exact) < 2);
    CHECK(farthest<T>(
              T(-1), T(1), [](T x) { return simd::exp(x); }, exact) < 2);
    CHECK(simd::exp(T(0)) == 1);
    CHECK(simd::exp(T(1000)) == std::numeric_limits<T>::infinity());
    CHECK(simd::exp(T(-1000)) == 0);
    CHECK(simd::exp(std::numeric_limits<T>::infinity()) == std::numeric_limits<T>::infinity());
    CHECK(simd::exp(-std::numeric_limits<T>::infinity()) == 0);
    CHECK(std::isnan(simd::exp(std::numeric_limits<T>::quiet_NaN())));
}

TEST_CASE("log is good to two units in the last place, and std::log's where there is none") {
    const auto exact = [](long double x) { return std::log(x); };
    CHECK(farthest<double>(
              1e-3, 2, [](double x) { return simd::log(x); }, exact) < 2);
    CHECK(farthest<double>(
              2, 1e9, [](double x) { return simd::log(x); }, exact) < 2);
    CHECK(simd::log(1) == 0);
    CHECK(units_apart(simd::log(std::numeric_limits<double>::denorm_min()), std::log(0x1p-1074L)) < 2);
    CHECK(simd::log(0) == -std::numeric_limits<double>::infinity());
    CHECK(std::isnan(simd::log(-1)));
    CHECK(simd::log(std::numeric_limits<double>::infinity()) == std::numeric_limits<double>::infinity());
}

TEST_CASE("sine and cosine of turns are good to 2^-52") {
    double farthest = 0;
    for (int i = -5000; i <= 5000; ++i) {
        const double turns = i / 2047.0;
        const long double angle = 2 * std::numbers::pi_v<long double> * static_cast<long double>(turns);
        const simd::SineAndCosine at = simd::of_turns(turns);
        farthest = std::max(farthest, std::abs(static_cast<double>(static_cast<long double>(at.sine) - std::sin(angle))));
        farthest = std::max(farthest, std::abs(static_cast<double>(static_cast<long double>(at.cosine) - std::cos(angle))));
    }
    CHECK(farthest < 0x1p-52);
    CHECK(simd::of_turns(0.25).sine == 1);
    CHECK(simd::of_turns(0.5).cosine == -1);
}

TEST_CASE("powers") {
    CHECK(simd::power(0.9, 0) == 1);
    CHECK(simd::power(2, 10) == 1024);
    CHECK(simd::power(0.999, 1000) == doctest::Approx(std::pow(0.999, 1000)).epsilon(1e-14));
}

// (Far out on the left the rounding of x^2 counts: relative errors are x^2 times those of a number.)
TEST_CASE_TEMPLATE("the normal distribution's share", T, float, double) {
    const double unit = static_cast<double>(std::numeric_limits<T>::epsilon());
    double middle = 0;
    double tail = 0;
    for (int i = -2000; i <= 2000; ++i) {
        const T x = static_cast<T>(i) / 250;
        const long double exact = share_below(static_cast<long double>(x));
        const double apart = std::abs(static_cast<double>(static_cast<long double>(simd::normal_share_below(x)) - exact));
        middle = std::max(middle, apart);
        tail = std::max(tail, apart / static_cast<double>(exact) / (1 + static_cast<double>(x * x)));
    }
    CHECK(middle < 2 * unit);
    CHECK(tail < 4 * unit);
    CHECK(simd::normal_share_below(T(0)) == T(0.5));
    CHECK(simd::normal_share_below(T(50)) == 1);
    CHECK(simd::normal_share_below(T(-50)) == 0);
    CHECK(std::isnan(simd::normal_share_below(std::numeric_limits<T>::quiet_NaN())));
}

TEST_CASE_TEMPLATE("what is too small to be normal is flushed, and nothing else", T, float, double) {
    const T least = std::numeric_limits<T>::min();
    CHECK(simd::flushed(least) == least);
    CHECK(simd::flushed(-least) == -least);
    CHECK(simd::flushed(least / 2) == 0);
    CHECK(simd::flushed(-least / 2) == 0);
    CHECK(simd::flushed(T(-3)) == -3);
    CHECK(std::isnan(simd::flushed(std::numeric_limits<T>::quiet_NaN())));
}

TEST_CASE_TEMPLATE("rows become columns", T, float, double) {
    constexpr int lanes = simd::lanes<T>;
    alignas(simd::line_bytes) T square[static_cast<std::size_t>(lanes * lanes)];
    for (int i = 0; i < lanes * lanes; ++i) square[i] = static_cast<T>(i);
    simd::transpose(square);
    for (int row = 0; row < lanes; ++row) {
        for (int column = 0; column < lanes; ++column)
            CHECK(square[row * lanes + column] == static_cast<T>(column * lanes + row));
    }
}

TEST_CASE_TEMPLATE("a line has the bits of its scalars", T, float, double) {
    constexpr std::size_t lanes = simd::lanes<T>;
    const auto same = [](T found, T wanted) { return found == wanted || (std::isnan(found) && std::isnan(wanted)); };
    for (int first = -900; first < 900; first += 7) {
        alignas(simd::line_bytes) T x[lanes];
        alignas(simd::line_bytes) T exponentials[lanes];
        alignas(simd::line_bytes) T shares[lanes];
        alignas(simd::line_bytes) T roots[lanes];
        for (std::size_t l = 0; l < lanes; ++l) x[l] = static_cast<T>(first) / 9 + static_cast<T>(l) / 7;
        const auto line = simd::load(x);
        simd::store(exponentials, simd::exp(line));
        simd::store(shares, simd::normal_share_below(line));
        simd::store(roots, simd::sqrt(line));
        bool all = true;
        for (std::size_t l = 0; l < lanes; ++l) {
            all = all && same(exponentials[l], simd::exp(x[l])) && same(shares[l], simd::normal_share_below(x[l])) &&
                  same(roots[l], std::sqrt(x[l]));
        }
        CHECK(all);
    }
}

}  // namespace
}  // namespace residua
