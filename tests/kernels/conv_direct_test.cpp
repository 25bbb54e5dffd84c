// The three passes of the direct convolution against the plain loops, on shapes that are no multiple of anything.
#include <doctest/doctest.h>

#include <residua/core/buffer.hpp>
#include <residua/kernels/vectorised.hpp>

#include <residua/testing/numbers.hpp>

#include "apart.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace residua {
namespace {

using testing::apart;

constexpr kernels::ConvGeometry geometry(Shape in, int filters, Window window, int groups = 1) {
    return {in, {filters, window.over(in.height), window.over(in.width)}, window, groups};
}

// One convolution with all that its passes need, on a policy.
template <class K, kernels::ConvGeometry G>
struct Passes {
    using T = typename K::Scalar;
    using Convolution = typename K::template Convolution<G>;
    static constexpr Size in_size = stored(G.in, K::lanes);
    static constexpr Size out_size = stored(G.out, K::lanes);
    static constexpr Size weights =
        static_cast<Size>(G.inputs_a_group()) * static_cast<Size>(G.out.channels) * G.window.size * G.window.size;

    Passes(int images, int threads)
        : n(images),
          team(threads, Convolution::worker_bytes),
          x(in_size * static_cast<Size>(n)),
          y(out_size * static_cast<Size>(n)),
          dx(x.size()),
          dy(y.size()),
          moments(2 * static_cast<Size>(padded(G.out.channels, K::lanes)) * static_cast<Size>(n)),
          packed(rounded(Convolution::packed)),
          scratch(rounded(Convolution::gradient_scratch)),
          scale(rounded(static_cast<Size>(padded(G.in.channels, K::lanes)))),
          shift(scale.size()),
          w(weights),
          bias(static_cast<Size>(G.out.channels)),
          dw(weights),
          dbias(bias.size()) {
        testing::Numbers numbers(3);
        fill(numbers, x, G.in);
        fill(numbers, dy, G.out);
        fill(numbers, y, G.out);  // (accumulating passes add to it)
        fill(numbers, dx, G.in);
        for (auto* values : {&w, &bias}) {
            for (T& value : *values) value = static_cast<T>(numbers.next());
        }
        for (int c = 0; c < G.in.channels; ++c) {
            scale.data()[c] = static_cast<T>(1 + 0.3 * numbers.next());
            shift.data()[c] = static_cast<T>(0.3 * numbers.next());
        }
    }

    void fill(testing::Numbers& numbers, Buffer<T>& blocked, Shape s) {
        std::vector<T> plain(s.size());
        for (Size i = 0; i < static_cast<Size>(n); ++i) {
            for (T& value : plain) value = static_cast<T>(numbers.next());
            K::to_blocked(plain.data(), s, blocked.data() + i * stored(s, K::lanes));
        }
    }

    template <bool Accumulates>
    void run(bool activates, bool with_bias) {
        const kernels::ConvInput<T> input{x.data(), activates ? scale.data() : nullptr, shift.data()};
        Convolution::pack(team, w.data(), packed.data());
        Convolution::template forward<Accumulates>(team, n, input, packed.data(), with_bias ? bias.data() : nullptr, y.data(),
                                                   moments.data());
        Convolution::weight_gradient(team, n, input, dy.data(), dw.data(), with_bias ? dbias.data() : nullptr, scratch.data());
        Convolution::template data_gradient<Accumulates>(team, n, dy.data(), w.data(), dx.data(), scratch.data());
    }

    std::vector<T> plain(const Buffer<T>& blocked, Shape s) const {
        std::vector<T> result(s.size() * static_cast<Size>(n));
        for (Size i = 0; i < static_cast<Size>(n); ++i)
            K::from_blocked(blocked.data() + i * stored(s, K::lanes), s, result.data() + i * s.size());
        return result;
    }
    bool zero_beyond(const Buffer<T>& blocked, Shape s) const {
        for (Size i = 0; i < static_cast<Size>(n); ++i) {
            for (int c = s.channels; c < padded(s.channels, K::lanes); ++c) {
                for (Size p = 0; p < s.pixels(); ++p) {
                    if (!(blocked.data()[i * stored(s, K::lanes) + blocked_index(s.pixels(), K::lanes, c, p)] == T(0)))
                        return false;
                }
            }
        }
        return true;
    }

    int n;
    Team team;
    Buffer<T> x, y, dx, dy, moments, packed, scratch, scale, shift;
    std::vector<T> w, bias, dw, dbias;
};

template <class T, kernels::ConvGeometry G, bool Accumulates>
void check_one(int n, int threads, bool activates, bool with_bias) {
    CAPTURE(n);
    CAPTURE(activates);
    CAPTURE(Accumulates);
    Passes<Vectorised<T>, G> ours(n, threads);
    Passes<PlainLoops<double>, G> theirs(n, 1);
    if constexpr (std::is_same_v<T, float>) {  // the same numbers, after rounding
        testing::Numbers unused(0);
        const auto round = [](auto& values) {
            for (Size i = 0; i < values.size(); ++i) values.data()[i] = static_cast<double>(static_cast<float>(values.data()[i]));
        };
        round(theirs.x), round(theirs.y), round(theirs.dx), round(theirs.dy), round(theirs.scale), round(theirs.shift),
            round(theirs.w), round(theirs.bias);
    }
    ours.template run<Accumulates>(activates, with_bias);
    theirs.template run<Accumulates>(activates, with_bias);

    const double most = std::is_same_v<T, double> ? 1e-13 : 3e-6;
    CHECK(apart(ours.plain(ours.y, G.out), theirs.plain(theirs.y, G.out)) < most);
    CHECK(apart(ours.plain(ours.dx, G.in), theirs.plain(theirs.dx, G.in)) < most);
    CHECK(apart(ours.dw, theirs.dw) < 4 * most);
    CHECK(apart(ours.dbias, theirs.dbias) < 4 * most);
    CHECK(ours.zero_beyond(ours.y, G.out));
    CHECK(ours.zero_beyond(ours.dx, G.in));

    // Moments are those of the finished image, bit for bit, whoever counts them.
    Buffer<T> again(ours.moments.size());
    const Size wide = static_cast<Size>(padded(G.out.channels, Vectorised<T>::lanes));
    for (Size i = 0; i < static_cast<Size>(n); ++i) {
        Vectorised<T>::moments(ours.y.data() + i * ours.out_size, G.out, {0, static_cast<int>(wide) / Vectorised<T>::lanes},
                               again.data() + i * 2 * wide);
    }
    CHECK(std::equal(again.data(), again.data() + again.size(), ours.moments.data()));
}

template <class T, kernels::ConvGeometry G>
void check() {
    check_one<T, G, false>(1, 1, false, true);
    check_one<T, G, true>(3, 2, true, false);
    check_one<T, G, false>(9, 3, true, true);
}

#define RESIDUA_TEST_GEOMETRY(name, ...) \
    TEST_CASE_TEMPLATE("convolution " name, T, float, double) { check<T, geometry(__VA_ARGS__)>(); }

RESIDUA_TEST_GEOMETRY("3x3, 3 to 16 channels, 9x7", Shape{3, 9, 7}, 16, Window{3, 1, 1})
RESIDUA_TEST_GEOMETRY("3x3, 5 to 12 channels, odd stride 2", Shape{5, 7, 11}, 12, Window{3, 2, 1})
RESIDUA_TEST_GEOMETRY("3x3, 17 to 100 channels, 4x4", Shape{17, 4, 4}, 100, Window{3, 1, 1})
RESIDUA_TEST_GEOMETRY("1x1, 100 to 17 channels", Shape{100, 3, 5}, 17, Window{1, 1, 0})
RESIDUA_TEST_GEOMETRY("1x1, stride 2, 12 to 5 channels", Shape{12, 6, 5}, 5, Window{1, 2, 0})
RESIDUA_TEST_GEOMETRY("7x7, stride 2, 1 channel, 13x16", Shape{1, 13, 16}, 17, Window{7, 2, 3})
RESIDUA_TEST_GEOMETRY("5x5 without padding", Shape{3, 6, 5}, 5, Window{5, 1, 0})
RESIDUA_TEST_GEOMETRY("2x2, padding behind only", Shape{5, 5, 4}, 3, Window{2, 1, Margins(0, 1)})
RESIDUA_TEST_GEOMETRY("3x3, asymmetric padding, stride 3", Shape{12, 10, 8}, 17, Window{3, 3, Margins(2, 0)})
RESIDUA_TEST_GEOMETRY("2x2 with stride 3: inputs that nobody reads", Shape{5, 8, 9}, 5, Window{2, 3, 0})
RESIDUA_TEST_GEOMETRY("1x1 images", Shape{17, 1, 1}, 12, Window{3, 1, 1})
RESIDUA_TEST_GEOMETRY("1x1 images, stride 2", Shape{3, 1, 1}, 5, Window{3, 2, 1})
RESIDUA_TEST_GEOMETRY("padding wider than the kernel reaches", Shape{1, 3, 2}, 3, Window{3, 1, 4})
RESIDUA_TEST_GEOMETRY("3x3, 48 to 40 channels, 14x33", Shape{48, 14, 33}, 40, Window{3, 1, 1})

// Groups narrower than a block that fill it or do not, as wide, wider, and that begin within one.
RESIDUA_TEST_GEOMETRY("3 groups, 6 to 9 channels, stride 2", Shape{6, 8, 7}, 9, Window{3, 2, 1}, 3)
RESIDUA_TEST_GEOMETRY("8 groups, 32 to 32 channels", Shape{32, 5, 9}, 32, Window{3, 1, 1}, 8)
RESIDUA_TEST_GEOMETRY("8 groups, 32 to 16 channels, 5x5, stride 2", Shape{32, 9, 6}, 16, Window{5, 2, 2}, 8)
RESIDUA_TEST_GEOMETRY("4 groups, 48 to 48 channels, stride 2", Shape{48, 5, 4}, 48, Window{3, 2, 1}, 4)
RESIDUA_TEST_GEOMETRY("4 groups, 48 to 80 channels, 1x1, stride 2", Shape{48, 3, 5}, 80, Window{1, 2, 0}, 4)
RESIDUA_TEST_GEOMETRY("5 groups, 20 to 20 channels, asymmetric padding", Shape{20, 6, 18}, 20, Window{3, 1, Margins(0, 2)}, 5)
RESIDUA_TEST_GEOMETRY("5 groups, 20 to 30 channels, 1x1", Shape{20, 3, 3}, 30, Window{1, 1, 0}, 5)
RESIDUA_TEST_GEOMETRY("2 groups, 64 to 64 channels", Shape{64, 4, 5}, 64, Window{3, 1, 1}, 2)
RESIDUA_TEST_GEOMETRY("6 groups, 48 to 48 channels, 1x1", Shape{48, 4, 5}, 48, Window{1, 1, 0}, 6)
RESIDUA_TEST_GEOMETRY("depthwise, 17 channels, 5x5", Shape{17, 6, 7}, 17, Window{5, 1, 2}, 17)
RESIDUA_TEST_GEOMETRY("depthwise, stride 2, two filters a channel", Shape{18, 6, 7}, 36, Window{3, 2, 1}, 18)

template <class T, kernels::ConvGeometry G>
void same_bits_on_any_number_of_threads() {
    for (const int n : {2, 13}) {
        Passes<Vectorised<T>, G> one(n, 1);
        one.template run<false>(true, true);
        for (const int threads : {2, 3, 8}) {
            Passes<Vectorised<T>, G> many(n, threads);
            many.template run<false>(true, true);
            CHECK(std::equal(one.y.data(), one.y.data() + one.y.size(), many.y.data()));
            CHECK(std::equal(one.dx.data(), one.dx.data() + one.dx.size(), many.dx.data()));
            CHECK(one.dw == many.dw);
            CHECK(one.dbias == many.dbias);
        }
    }
}

TEST_CASE_TEMPLATE("a convolution has the same bits on any number of threads", T, float, double) {
    same_bits_on_any_number_of_threads<T, geometry(Shape{17, 7, 6}, 21, Window{3, 1, 1})>();
    same_bits_on_any_number_of_threads<T, geometry(Shape{48, 5, 4}, 48, Window{3, 2, 1}, 4)>();
    same_bits_on_any_number_of_threads<T, geometry(Shape{32, 5, 9}, 32, Window{3, 1, 1}, 8)>();
}

TEST_CASE_TEMPLATE("infinity stays in its channels' sums and out of the lanes beyond", T, float, double) {
    constexpr kernels::ConvGeometry g = geometry(Shape{5, 6, 6}, 5, Window{3, 1, 1});
    Passes<Vectorised<T>, g> passes(2, 1);
    passes.x.data()[0] = std::numeric_limits<T>::infinity();
    passes.dy.data()[0] = std::numeric_limits<T>::infinity();
    passes.template run<false>(false, false);
    CHECK(passes.zero_beyond(passes.y, g.out));
    CHECK(passes.zero_beyond(passes.dx, g.in));
    CHECK(!std::isfinite(passes.plain(passes.y, g.out)[0]));
    CHECK(std::isfinite(passes.plain(passes.y, g.out)[3 * 6 + 3]));
}

// (Of groups that fill a block. Others that share one may give each other NaN: an infinity meets weights of zero.)
TEST_CASE_TEMPLATE("infinity stays in its group", T, float, double) {
    constexpr kernels::ConvGeometry g = geometry(Shape{20, 6, 6}, 20, Window{3, 1, 1}, 10);
    Passes<Vectorised<T>, g> passes(2, 1);
    passes.x.data()[0] = std::numeric_limits<T>::infinity();
    passes.dy.data()[0] = std::numeric_limits<T>::infinity();
    passes.template run<false>(false, false);
    const auto all_finite = [](const std::vector<T>& values, Size begin, Size end) {
        return std::all_of(values.begin() + static_cast<std::ptrdiff_t>(begin), values.begin() + static_cast<std::ptrdiff_t>(end),
                           [](T value) { return std::isfinite(value); });
    };
    const Size group = 2 * g.in.pixels();
    const auto y = passes.plain(passes.y, g.out);
    const auto dx = passes.plain(passes.dx, g.in);
    CHECK(!all_finite(y, 0, group));
    CHECK(all_finite(y, group, y.size()));
    CHECK(!all_finite(dx, 0, group));
    CHECK(all_finite(dx, group, dx.size()));
    const Size weights_a_group = passes.dw.size() / 10;
    CHECK(!all_finite(passes.dw, 0, weights_a_group));
    CHECK(all_finite(passes.dw, weights_a_group, passes.dw.size()));
}

}  // namespace
}  // namespace residua
