// The three passes of a convolution, held against the plain loops.
#pragma once

#include <doctest/doctest.h>

#include <residua/core/buffer.hpp>
#include <residua/kernels/vectorised.hpp>

#include <residua/testing/numbers.hpp>

#include "apart.hpp"

#include <algorithm>
#include <numeric>
#include <type_traits>
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

// A convolution on a policy as numbers and pointers: what follows is compiled once for a scalar, and not for every geometry, of
// which it was two thirds of the code.
template <class T>
struct Subject {
    using Input = kernels::ConvInput<T>;

    kernels::ConvGeometry g;
    int lanes;
    Size packed;
    Size scratch;
    std::size_t worker_bytes;
    bool takes_pending;

    void (*to_blocked)(const T*, Shape, T*);
    void (*from_blocked)(const T*, Shape, T*);
    void (*moments)(const T*, Shape, Range, T*);

    // [0] writes, [1] adds.
    using Forward = void (*)(const Team&, int, Input, const T* packed, const T* bias, T* y, T* scratch, T* moments,
                             const T* addend);
    using DataGradient = void (*)(const Team&, int, const T* dy, const T* weights, T* dx, T* scratch);
    using Gradients = void (*)(const Team&, int, Input, PendingGradient<T> dy, const T* weights, T* dw, T* dbias, T* dx,
                               T* scratch, kernels::ImageStage);
    void (*pack)(const Team&, const T* weights, T* to);
    void (*weight_gradient)(const Team&, int, Input, const T* dy, T* dw, T* dbias, T* scratch);
    Forward forward[2];
    DataGradient data_gradient[2];
    Gradients gradients[2];
};

template <class Convolution, class T, bool Accumulates>
struct CallsOf {
    static void forward(const Team& team, int n, kernels::ConvInput<T> x, const T* packed, const T* bias, T* y, T* scratch,
                        T* moments, const T* addend) {
        Convolution::template forward<Accumulates>(team, n, x, packed, bias, y, scratch, moments, addend);
    }
    static void data_gradient(const Team& team, int n, const T* dy, const T* weights, T* dx, T* scratch) {
        Convolution::template data_gradient<Accumulates>(team, n, dy, weights, dx, scratch);
    }
    static void gradients(const Team& team, int n, kernels::ConvInput<T> x, PendingGradient<T> dy, const T* weights, T* dw,
                          T* dbias, T* dx, T* scratch, kernels::ImageStage then) {
        Convolution::template gradients<Accumulates>(team, n, x, dy, weights, dw, dbias, dx, scratch, then);
    }
};

template <class K, kernels::ConvGeometry G>
constexpr Subject<typename K::Scalar> subject() {
    using T = typename K::Scalar;
    using Convolution = typename K::template Convolution<G>;
    using Writes = CallsOf<Convolution, T, false>;
    using Adds = CallsOf<Convolution, T, true>;
    return {.g = G,
            .lanes = K::lanes,
            .packed = Convolution::packed,
            .scratch = std::max(Convolution::forward_scratch, Convolution::gradient_scratch),
            .worker_bytes = std::max(Convolution::worker_bytes, Convolution::backward_worker_bytes),
            .takes_pending = Convolution::takes_pending,
            .to_blocked = K::to_blocked,
            .from_blocked = K::from_blocked,
            .moments = K::moments,
            .pack = Convolution::pack,
            .weight_gradient = Convolution::weight_gradient,
            .forward = {Writes::forward, Adds::forward},
            .data_gradient = {Writes::data_gradient, Adds::data_gradient},
            .gradients = {Writes::gradients, Adds::gradients}};
}

// One convolution with all that its passes need.
template <class T>
struct Passes {
    Passes(const Subject<T>& convolution, int images, int threads)
        : subject(convolution),
          g(convolution.g),
          in_size(stored(g.in, subject.lanes)),
          out_size(stored(g.out, subject.lanes)),
          blocks(blocks_of(g.in.channels, subject.lanes)),
          n(images),
          followed(static_cast<Size>(n * blocks)),
          team(threads, subject.worker_bytes),
          x(in_size * static_cast<Size>(n)),
          y(out_size * static_cast<Size>(n)),
          dx(x.size()),
          dy(y.size()),
          moments(2 * static_cast<Size>(padded(g.out.channels, subject.lanes)) * static_cast<Size>(n)),
          packed(rounded(subject.packed)),
          scratch(rounded(subject.scratch)),
          scale(rounded(static_cast<Size>(padded(g.in.channels, subject.lanes)))),
          shift(scale.size()),
          w(static_cast<Size>(g.inputs_a_group() * g.out.channels * g.window.size * g.window.size)),
          bias(static_cast<Size>(g.out.channels)),
          dw(w.size()),
          dbias(bias.size()) {
        testing::Numbers numbers(3);
        fill(numbers, x, g.in);
        fill(numbers, dy, g.out);
        fill(numbers, y, g.out);  // (accumulating passes add to it)
        fill(numbers, dx, g.in);
        for (auto* values : {&w, &bias}) {
            for (T& value : *values) value = static_cast<T>(numbers.next());
        }
        for (int c = 0; c < g.in.channels; ++c) {
            scale.data()[c] = static_cast<T>(1 + 0.3 * numbers.next());
            shift.data()[c] = static_cast<T>(0.3 * numbers.next());
        }
    }

    void fill(testing::Numbers& numbers, Buffer<T>& blocked, Shape s) {
        std::vector<T> plain(s.size());
        for (Size i = 0; i < static_cast<Size>(n); ++i) {
            for (T& value : plain) value = static_cast<T>(numbers.next());
            subject.to_blocked(plain.data(), s, blocked.data() + i * stored(s, subject.lanes));
        }
    }

    kernels::ConvInput<T> input(bool activates) const { return {x.data(), activates ? scale.data() : nullptr, shift.data()}; }

    void run(bool accumulates, bool activates, bool with_bias) {
        const kernels::ConvInput<T> from = input(activates);
        subject.pack(team, w.data(), packed.data());
        subject.forward[accumulates](team, n, from, packed.data(), with_bias ? bias.data() : nullptr, y.data(), scratch.data(),
                                     moments.data(), nullptr);
        subject.weight_gradient(team, n, from, dy.data(), dw.data(), with_bias ? dbias.data() : nullptr, scratch.data());
        subject.data_gradient[accumulates](team, n, dy.data(), w.data(), dx.data(), scratch.data());
    }
    // The same gradients in one call; what follows each image of dx is noted.
    void run_both(bool accumulates, bool activates, bool with_bias) {
        const auto note = [&](int image, Range of_blocks) {
            for (int b = of_blocks.begin; b < of_blocks.end; ++b) {
                Noted& noted = followed[static_cast<Size>(image * blocks + b)];
                ++noted.times;
                noted.sum = sum_of_block(image, b);
            }
        };
        subject.gradients[accumulates](team, n, input(activates), {dy.data()}, w.data(), dw.data(),
                                       with_bias ? dbias.data() : nullptr, dx.data(), scratch.data(), kernels::ImageStage(note));
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
        subject.pack(team, w.data(), packed.data());
        subject.forward[true](team, n, input(activates), packed.data(), with_bias ? bias.data() : nullptr, y.data(),
                              scratch.data(), moments.data(), addend.data());
    }

    std::vector<T> plain(const Buffer<T>& blocked, Shape s) const {
        std::vector<T> result(s.size() * static_cast<Size>(n));
        for (Size i = 0; i < static_cast<Size>(n); ++i)
            subject.from_blocked(blocked.data() + i * stored(s, subject.lanes), s, result.data() + i * s.size());
        return result;
    }
    bool zero_beyond(const Buffer<T>& blocked, Shape s) const {
        for (Size i = 0; i < static_cast<Size>(n); ++i) {
            const T* image = blocked.data() + i * stored(s, subject.lanes);
            for (int c = s.channels; c < padded(s.channels, subject.lanes); ++c) {
                for (Size p = 0; p < s.pixels(); ++p) {
                    if (!(image[blocked_index(s.pixels(), subject.lanes, c, p)] == T(0))) return false;
                }
            }
        }
        return true;
    }

    struct Noted {
        int times = 0;
        T sum = 0;
    };
    T sum_of_block(int image, int block) const {
        const Size size = g.in.pixels() * static_cast<Size>(subject.lanes);
        const T* begin = dx.data() + static_cast<Size>(image) * in_size + static_cast<Size>(block) * size;
        return std::accumulate(begin, begin + size, T(0));
    }

    Subject<T> subject;
    kernels::ConvGeometry g;
    Size in_size;
    Size out_size;
    int blocks;
    int n;
    std::vector<Noted> followed;
    Team team;
    Buffer<T> x, y, dx, dy, moments, packed, scratch, scale, shift;
    std::vector<T> w, bias, dw, dbias;
};

template <class T>
bool equal(const Buffer<T>& a, const Buffer<T>& b) {
    return std::equal(a.data(), a.data() + a.size(), b.data(), b.data() + b.size());
}

// `most`: how far apart values may be, max|a-b| / max|b|; sums over images four times as far.
template <class T>
void check_one(const Subject<T>& vectors, const Subject<double>& plain_loops, bool accumulates, int n, int threads,
               bool activates, bool with_bias, double most) {
    CAPTURE(n);
    CAPTURE(activates);
    CAPTURE(accumulates);
    const kernels::ConvGeometry& g = vectors.g;
    Passes<T> ours(vectors, n, threads);
    Passes<double> theirs(plain_loops, n, 1);
    if constexpr (std::is_same_v<T, float>) {  // the same numbers, after rounding
        const auto round = [](auto& values) {
            for (Size i = 0; i < values.size(); ++i) values.data()[i] = static_cast<double>(static_cast<float>(values.data()[i]));
        };
        round(theirs.x), round(theirs.y), round(theirs.dx), round(theirs.dy), round(theirs.scale), round(theirs.shift),
            round(theirs.w), round(theirs.bias);
    }
    ours.run(accumulates, activates, with_bias);
    Passes<T> both(vectors, n, threads);
    both.run_both(accumulates, activates, with_bias);
    CHECK(equal(ours.dx, both.dx));
    CHECK(ours.dw == both.dw);
    CHECK(ours.dbias == both.dbias);
    CHECK(both.followed_by_all());
    if (accumulates) {
        Passes<T> elsewhere(vectors, n, threads);
        const Buffer<T>& addend = both.y;  // (as it was)
        std::fill_n(elsewhere.y.data(), elsewhere.y.size(), T(1e9));
        elsewhere.add_to(addend, activates, with_bias);
        CHECK(equal(ours.y, elsewhere.y));
        CHECK(equal(ours.moments, elsewhere.moments));
    }
    theirs.run(accumulates, activates, with_bias);

    CHECK(apart(ours.plain(ours.y, g.out), theirs.plain(theirs.y, g.out)) < most);
    CHECK(apart(ours.plain(ours.dx, g.in), theirs.plain(theirs.dx, g.in)) < most);
    CHECK(apart(ours.dw, theirs.dw) < 4 * most);
    CHECK(apart(ours.dbias, theirs.dbias) < 4 * most);
    CHECK(ours.zero_beyond(ours.y, g.out));
    CHECK(ours.zero_beyond(ours.dx, g.in));

    // Moments are those of the finished image, bit for bit, whoever counts them.
    Buffer<T> again(ours.moments.size());
    const Size wide = static_cast<Size>(padded(g.out.channels, vectors.lanes));
    for (Size i = 0; i < static_cast<Size>(n); ++i) {
        vectors.moments(ours.y.data() + i * ours.out_size, g.out, {0, static_cast<int>(wide) / vectors.lanes},
                        again.data() + i * 2 * wide);
    }
    CHECK(equal(again, ours.moments));
}

template <class T>
void check_all(const Subject<T>& vectors, const Subject<double>& plain_loops, double most) {
    // (Nine images are more than few. Of large ones two must do: plain loops under sanitizers or qemu take half a minute for
    // more.)
    const bool large = plain_loops.packed * vectors.g.out.pixels() > 1'000'000;
    check_one(vectors, plain_loops, false, 1, 1, false, true, most);
    check_one(vectors, plain_loops, true, large ? 2 : 3, 2, true, false, most);
    check_one(vectors, plain_loops, false, large ? 2 : 9, 3, true, true, most);
}

template <class K, kernels::ConvGeometry G>
void check(double most = std::is_same_v<typename K::Scalar, double> ? 1e-13 : 3e-6) {
    check_all(subject<K, G>(), subject<PlainLoops<double>, G>(), most);
}

// A gradient whose last step is left to the convolution gives the bits of one whose last step was done.
template <class K, kernels::ConvGeometry G>
void last_step_is_done_while_reading(int n) {
    using T = typename K::Scalar;
    constexpr Subject<T> convolution = subject<K, G>();
    static_assert(convolution.takes_pending);
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
        Passes<T> left(convolution, n, threads);
        Passes<T> done(convolution, n, threads);
        const PendingGradient<T> pending{left.dy.data(), left.y.data(), at(0), at(1), at(2), at(3), at(4)};
        for (Size i = 0; i < static_cast<Size>(n); ++i) {
            T* dy = done.dy.data() + i * done.out_size;
            K::template affine_gradient<true, false>(done.y.data() + i * done.out_size, dy, G.out,
                                                     {0, static_cast<int>(wide) / K::lanes}, at(0), at(1), at(2), at(3), at(4),
                                                     dy);
        }
        const auto run = [&](Passes<T>& passes, PendingGradient<T> dy) {
            convolution.gradients[false](passes.team, n, passes.input(true), dy, passes.w.data(), passes.dw.data(), nullptr,
                                         passes.dx.data(), passes.scratch.data(), {});
        };
        run(left, pending);
        run(done, {done.dy.data()});
        CHECK(equal(left.dx, done.dx));
        CHECK(left.dw == done.dw);
    }
}

template <class T>
void same_bits_on_any_number_of_threads(const Subject<T>& convolution) {
    for (const int n : {2, 13}) {
        Passes<T> one(convolution, n, 1);
        one.run(false, true, true);
        for (const int threads : {2, 3, 8}) {
            Passes<T> many(convolution, n, threads);
            many.run(false, true, true);
            CHECK(equal(one.y, many.y));
            CHECK(equal(one.dx, many.dx));
            CHECK(one.dw == many.dw);
            CHECK(one.dbias == many.dbias);
        }
    }
}
template <class K, kernels::ConvGeometry G>
void same_bits_on_any_number_of_threads() {
    same_bits_on_any_number_of_threads(subject<K, G>());
}

}  // namespace
}  // namespace residua
