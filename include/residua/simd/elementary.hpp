// Elementary functions of additions, products, divisions and fma alone, for scalars and for lines: the same bits on every
// processor that has an fma, with every compiler and every library of C (whose own differ by version and by processor). Good to
// two units in the last place.
#pragma once

#include <residua/simd/scalar.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

namespace residua::inline RESIDUA_ISA::simd {

namespace detail {

template <class V>
struct ScalarOf {
    using type = typename V::value_type;
};
template <>
struct ScalarOf<float> {
    using type = float;
};
template <>
struct ScalarOf<double> {
    using type = double;
};

// A number in every lane.
template <class V>
RESIDUA_INLINE V everywhere(double number) {
    return V(static_cast<typename ScalarOf<V>::type>(number));
}

// c[0] + c[1] x + c[2] x^2 + ...
template <class V, std::size_t N>
RESIDUA_INLINE V polynomial(V x, const std::array<double, N>& c) {
    V sum = everywhere<V>(c[N - 1]);
    [&]<std::size_t... I>(std::index_sequence<I...>) RESIDUA_INLINE_LAMBDA {
        ((sum = fma(sum, x, everywhere<V>(c[N - 2 - I]))), ...);
    }
    (std::make_index_sequence<N - 1>{});
    return sum;
}

// sign^k / (first + k step)!: the coefficients of exp, sine and cosine.
template <std::size_t N>
constexpr std::array<double, N> inverse_factorials(int first, int step, double sign) {
    std::array<double, N> c{};
    double factorial = 1;
    int at = 1;
    double s = 1;
    for (std::size_t k = 0; k < N; ++k) {
        for (; at <= first + step * static_cast<int>(k); ++at) factorial *= at;
        c[k] = s / factorial;
        s *= sign;
    }
    return c;
}

// The whole number nearest to a b, where that is below 2^22 (float) or 2^51.
template <class V>
RESIDUA_INLINE V nearest(V a, V b) {
    const V shift = everywhere<V>(sizeof(typename ScalarOf<V>::type) == 4 ? 0x1.8p23 : 0x1.8p52);
    return fma(a, b, shift) - shift;
}

}  // namespace detail

// e^x: zero and infinity where it leaves the type; NaN stays.
template <class V>
RESIDUA_INLINE V exp(V x) {
    using detail::everywhere;
    constexpr bool is_float = sizeof(typename detail::ScalarOf<V>::type) == 4;
    constexpr auto c = detail::inverse_factorials < is_float ? 8 : 14 > (0, 1, 1);
    const V least = everywhere<V>(is_float ? -104 : -746);
    const V most = everywhere<V>(is_float ? 89 : 710);
    V within = select(x > least, x, least);
    within = select(within < most, within, most);

    // x = n log 2 + rest; the high part of log 2 has so few digits that n times it is exact.
    const V n = detail::nearest(within, everywhere<V>(1.4426950408889634));
    const V rest = fma(n, everywhere<V>(is_float ? -1.42860677e-6 : -1.90821492927058770002e-10),
                       fma(n, everywhere<V>(is_float ? -0.693145752 : -6.93147180369123816490e-01), within));
    const V half = detail::nearest(n, everywhere<V>(0.5));  // two steps: 2^n itself may leave the type
    const V y = scaled(scaled(detail::polynomial(rest, c), half), n - half);
    return select(x == x, y, x);
}

// log x. (Of what is no positive finite number: as std::log has it.)
inline double log(double x) {
    if (!(x > 0 && x <= std::numeric_limits<double>::max())) return std::log(x);
    int exponent = 0;
    double m = std::frexp(x, &exponent);
    if (m < 0.70710678118654752440) {
        m *= 2;
        --exponent;
    }
    // log m = 2 artanh s
    constexpr std::array<double, 11> c{2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11, 2.0 / 13,
                                       2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21, 2.0 / 23};
    const double s = (m - 1) / (m + 1);
    const double square = s * s;
    const double n = exponent;
    const double tail = fma(s * square, detail::polynomial(square, c), n * 1.90821492927058770002e-10);
    return fma(n, 6.93147180369123816490e-01, fma(2.0, s, tail));
}

struct SineAndCosine {
    double sine;
    double cosine;
};

// Of so many turns, each 2 pi.
inline SineAndCosine of_turns(double turns) {
    const double quarter = detail::nearest(turns, 4.0);
    const double angle = fma(quarter, -0.25, turns) * 6.28318530717958647692;
    const double square = angle * angle;
    const double sine = angle * detail::polynomial(square, detail::inverse_factorials<9>(1, 2, -1));
    const double cosine = detail::polynomial(square, detail::inverse_factorials<9>(0, 2, -1));
    switch (static_cast<std::int64_t>(quarter) & 3) {
        case 0: return {sine, cosine};
        case 1: return {cosine, -sine};
        case 2: return {-sine, -cosine};
        default: return {-cosine, sine};
    }
}

// x^n, n at least 0.
inline double power(double x, std::int64_t n) {
    double result = 1;
    for (; n > 0; n /= 2) {
        if (n % 2 == 1) result *= x;
        x *= x;
    }
    return result;
}

// P(X <= x) of the normal distribution.
template <class V>
RESIDUA_INLINE V normal_share_below(V x) {
    using detail::everywhere;
    // P(X <= -z) = exp(-z^2 / 2) t p(2 t - 1), t = 1 / (1 + z / 4), where p interpolates at Chebyshev's points: to 5e-8 of the
    // value, and to 1.3e-16.
    constexpr std::array<double, 11> for_float{0.188821283,   0.151974099,   0.0967843498,    0.0466317015,
                                               0.0150991512,  0.00187797299, -0.000869957719, -0.000390834271,
                                               3.33775606e-5, 3.92803887e-5, -4.18328843e-7};
    constexpr std::array<double, 24> for_double{
        0.18882128260393786,    0.15197416049297303,     0.09678435018555673,    0.046630464489912943,   0.01509914372258702,
        0.0018850472417491558,  -0.00086992308911269442, -0.0004077046156947422, 3.3336051887884281e-5,  5.7773746687137117e-5,
        -4.7691712833005364e-7, -8.7862470328900591e-6,  1.7864506480482753e-7,  1.4803223555287571e-6,  -1.5622854202251648e-7,
        -2.5605922471413507e-7, 6.6171140316175892e-8,   3.9791098479487257e-8,  -1.9686736076177095e-8, -4.3547812948647284e-9,
        4.0129856285706312e-9,  1.0443709631083568e-10,  -4.214620484319719e-10, 3.7341198774887574e-11};
    constexpr bool is_float = sizeof(typename detail::ScalarOf<V>::type) == 4;
    const V zero = everywhere<V>(0);
    const V one = everywhere<V>(1);
    const V z = select(x < zero, -x, x);
    const V t = one / fma(z, everywhere<V>(0.25), one);
    const V s = fma(t, everywhere<V>(2), -one);
    V p = zero;
    if constexpr (is_float) {
        p = detail::polynomial(s, for_float);
    } else {
        p = detail::polynomial(s, for_double);
    }
    const V density = exp(z * z * everywhere<V>(-0.5));
    const V share = t * p;
    return select(x < zero, density * share, fma(-density, share, one));
}

// x, or zero where it is smaller than any normal number: many processors take far longer over such.
template <class V>
RESIDUA_INLINE V flushed(V x) {
    using T = typename detail::ScalarOf<V>::type;
    const V least(std::numeric_limits<T>::min());
    const V zero(T(0));
    return select(x < least, select(-least < x, zero, x), x);
}

}  // namespace residua::inline RESIDUA_ISA::simd
