// The three passes of a direct convolution, held against the plain loops.
#pragma once

#include <doctest/doctest.h>

#include <residua/core/buffer.hpp>
#include <residua/kernels/vectorised.hpp>

#include <residua/testing/numbers.hpp>

#include "apart.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace residua {

// (Unnamed, for each program that includes it: its checks are templates over what that program tests.)
namespace {

using testing::apart;

constexpr kernels::ConvGeometry geometry(Shape in, int filters, Window window, int groups = 1) {
    return {in, {filters, window.over(in.height), window.over(in.width)}, window, groups};
}

template <class T>
using OnlyDirect = Vectorised<T, Exact>;

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
          team(threads, std::max(Convolution::worker_bytes, Convolution::backward_worker_bytes)),
          x(in_size * static_cast<Size>(n)),
          y(out_size * static_cast<Size>(n)),
          dx(x.size()),
          dy(y.size()),
          moments(2 * static_cast<Size>(padded(G.out.channels, K::lanes)) * static_cast<Size>(n)),
          packed(rounded(Convolution::packed)),
          scratch(rounded(std::max(Convolution::forward_scratch, Convolution::gradient_scratch))),
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
                                                   scratch.data(), moments.data());
        Convolution::weight_gradient(team, n, input, dy.data(), dw.data(), with_bias ? dbias.data() : nullptr, scratch.data());
        Convolution::template data_gradient<Accumulates>(team, n, dy.data(), w.data(), dx.data(), scratch.data());
    }
    // The same gradients in one call; what follows each image of dx is noted.
    template <bool Accumulates>
    void run_both(bool activates, bool with_bias) {
        const kernels::ConvInput<T> input{x.data(), activates ? scale.data() : nullptr, shift.data()};
        const auto note = [&](int image, Range of_blocks) {
            for (int b = of_blocks.begin; b < of_blocks.end; ++b) {
                Noted& noted = followed[static_cast<Size>(image * blocks + b)];
                ++noted.times;
                noted.sum = sum_of_block(image, b);
            }
        };
        Convolution::template gradients<Accumulates>(team, n, input, {dy.data()}, w.data(), dw.data(),
                                                     with_bias ? dbias.data() : nullptr, dx.data(), scratch.data(),
                                                     kernels::ImageStage(note));
    }
    // Each block of each image, once, and when it was whole?
    bool followed_by_all() const {
        for (int image = 0; image < n; ++image) {
            for (int b = 0; b < blocks; ++b) {
                const Noted& noted = followed[static_cast<Size>(image * blocks + b)];
                if (noted.times != 1 || !(noted.sum == sum_of_block(image, b))) return false;
            }
        }
        return true;
    }

    // The forward pass alone, its sum to other images than y.
    void add_to(const Buffer<T>& addend, bool activates, bool with_bias) {
        const kernels::ConvInput<T> input{x.data(), activates ? scale.data() : nullptr, shift.data()};
        Convolution::pack(team, w.data(), packed.data());
        Convolution::template forward<true>(team, n, input, packed.data(), with_bias ? bias.data() : nullptr, y.data(),
                                            scratch.data(), moments.data(), addend.data());
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

    static constexpr int blocks = blocks_of(G.in.channels, K::lanes);
    struct Noted {
        int times = 0;
        T sum = 0;
    };
    T sum_of_block(int image, int block) const {
        const Size size = G.in.pixels() * static_cast<Size>(K::lanes);
        const T* begin = dx.data() + static_cast<Size>(image) * in_size + static_cast<Size>(block) * size;
        return std::accumulate(begin, begin + size, T(0));
    }

    int n;
    std::vector<Noted> followed = std::vector<Noted>(static_cast<Size>(n * blocks));
    Team team;
    Buffer<T> x, y, dx, dy, moments, packed, scratch, scale, shift;
    std::vector<T> w, bias, dw, dbias;
};

// `most`: how far apart values may be, max|a-b| / max|b|; sums over images four times as far.
template <class K, kernels::ConvGeometry G, bool Accumulates>
void check_one(int n, int threads, bool activates, bool with_bias, double most) {
    using T = typename K::Scalar;
    CAPTURE(n);
    CAPTURE(activates);
    CAPTURE(Accumulates);
    Passes<K, G> ours(n, threads);
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
    Passes<K, G> both(n, threads);
    both.template run_both<Accumulates>(activates, with_bias);
    CHECK(std::equal(ours.dx.data(), ours.dx.data() + ours.dx.size(), both.dx.data()));
    CHECK(ours.dw == both.dw);
    CHECK(ours.dbias == both.dbias);
    CHECK(both.followed_by_all());
    if constexpr (Accumulates) {
        Passes<K, G> elsewhere(n, threads);
        const Buffer<T>& addend = both.y;  // (as it was)
        std::fill_n(elsewhere.y.data(), elsewhere.y.size(), T(1e9));
        elsewhere.add_to(addend, activates, with_bias);
        CHECK(std::equal(ours.y.data(), ours.y.data() + ours.y.size(), elsewhere.y.data()));
        CHECK(std::equal(ours.moments.data(), ours.moments.data() + ours.moments.size(), elsewhere.moments.data()));
    }
    theirs.template run<Accumulates>(activates, with_bias);

    CHECK(apart(ours.plain(ours.y, G.out), theirs.plain(theirs.y, G.out)) < most);
    CHECK(apart(ours.plain(ours.dx, G.in), theirs.plain(theirs.dx, G.in)) < most);
    CHECK(apart(ours.dw, theirs.dw) < 4 * most);
    CHECK(apart(ours.dbias, theirs.dbias) < 4 * most);
    CHECK(ours.zero_beyond(ours.y, G.out));
    CHECK(ours.zero_beyond(ours.dx, G.in));

    // Moments are those of the finished image, bit for bit, whoever counts them.
    Buffer<T> again(ours.moments.size());
    const Size wide = static_cast<Size>(padded(G.out.channels, K::lanes));
    for (Size i = 0; i < static_cast<Size>(n); ++i) {
        K::moments(ours.y.data() + i * ours.out_size, G.out, {0, static_cast<int>(wide) / K::lanes}, again.data() + i * 2 * wide);
    }
    CHECK(std::equal(again.data(), again.data() + again.size(), ours.moments.data()));
}

template <class K, kernels::ConvGeometry G>
void check(double most = std::is_same_v<typename K::Scalar, double> ? 1e-13 : 3e-6) {
    // (Nine images are more than few. Of large ones two must do: plain loops under sanitizers or qemu take half a minute for
    // more.)
    constexpr bool large = Passes<K, G>::weights * G.out.pixels() > 1'000'000;
    check_one<K, G, false>(1, 1, false, true, most);
    check_one<K, G, true>(large ? 2 : 3, 2, true, false, most);
    check_one<K, G, false>(large ? 2 : 9, 3, true, true, most);
}

// A gradient whose last step is left to the convolution gives the bits of one whose last step was done.
template <class K, kernels::ConvGeometry G>
void last_step_is_done_while_reading(int n) {
    using T = typename K::Scalar;
    static_assert(Passes<K, G>::Convolution::takes_pending);
    const Size wide = static_cast<Size>(padded(G.out.channels, K::lanes));
    Buffer<T> coefficients(5 * wide);
    testing::Numbers numbers(5);
    for (Size k = 0; k < 5; ++k) {
        for (Size c = 0; c < static_cast<Size>(G.out.channels); ++c) {
            coefficients.data()[k * wide + c] = static_cast<T>(numbers.next());
        }
    }
    const auto at = [&](Size k) { return coefficients.data() + k * wide; };

    for (const int threads : {1, 3}) {
        Passes<K, G> left(n, threads);
        Passes<K, G> done(n, threads);
        const PendingGradient<T> pending{left.dy.data(), left.y.data(), at(0), at(1), at(2), at(3), at(4)};
        for (Size i = 0; i < static_cast<Size>(n); ++i) {
            T* dy = done.dy.data() + i * done.out_size;
            K::template affine_gradient<true, false>(done.y.data() + i * done.out_size, dy, G.out,
                                                     {0, static_cast<int>(wide) / K::lanes}, at(0), at(1), at(2), at(3), at(4),
                                                     dy);
        }
        const auto run = [&](Passes<K, G>& passes, PendingGradient<T> dy) {
            const kernels::ConvInput<T> input{passes.x.data(), passes.scale.data(), passes.shift.data()};
            Passes<K, G>::Convolution::template gradients<false>(passes.team, n, input, dy, passes.w.data(), passes.dw.data(),
                                                                 nullptr, passes.dx.data(), passes.scratch.data());
        };
        run(left, pending);
        run(done, {done.dy.data()});
        CHECK(std::equal(left.dx.data(), left.dx.data() + left.dx.size(), done.dx.data()));
        CHECK(left.dw == done.dw);
    }
}

template <class K, kernels::ConvGeometry G>
void same_bits_on_any_number_of_threads() {
    for (const int n : {2, 13}) {
        Passes<K, G> one(n, 1);
        one.template run<false>(true, true);
        for (const int threads : {2, 3, 8}) {
            Passes<K, G> many(n, threads);
            many.template run<false>(true, true);
            CHECK(std::equal(one.y.data(), one.y.data() + one.y.size(), many.y.data()));
            CHECK(std::equal(one.dx.data(), one.dx.data() + one.dx.size(), many.dx.data()));
            CHECK(one.dw == many.dw);
            CHECK(one.dbias == many.dbias);
        }
    }
}

}  // namespace
}  // namespace residua
