// Every function of the kernel policy by itself: Vectorised against PlainLoops in double, in place, added to, and block by block.
// Input values are multiples of 1/8, so that both round where they decide (ReLU, maxima) alike on every instruction set.
#include <doctest/doctest.h>

#include <residua/core/buffer.hpp>
#include <residua/kernels/vectorised.hpp>

#include <residua/testing/numbers.hpp>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace residua::inline RESIDUA_ISA::testing {
namespace {

using Plain = PlainLoops<double>;

double on_grid(Numbers& numbers) { return std::round(16 * numbers.next()) / 8; }

// The same images twice: blocked in T, and NCHW in double.
template <class T>
struct Images {
    static constexpr int lanes = simd::lanes<T>;

    Images(Shape of, std::uint64_t seed, int images = 1)
        : shape(of), n(images), ours(each() * count()), theirs(of.size() * count()) {
        Numbers numbers(seed);
        for (Size i = 0; i < count(); ++i) {
            for (int c = 0; c < shape.channels; ++c) {
                for (Size p = 0; p < shape.pixels(); ++p) put(i, c, p, on_grid(numbers));
            }
        }
    }

    void put(Size image, int c, Size p, double value) {
        ours.data()[place(image, c, p)] = static_cast<T>(value);
        theirs[image * shape.size() + static_cast<Size>(c) * shape.pixels() + p] = value;
    }
    Size place(Size image, int c, Size p) const { return image * each() + blocked_index(shape.pixels(), lanes, c, p); }
    Size each() const { return stored(shape, lanes); }
    Size count() const { return static_cast<Size>(n); }

    // The largest difference by the largest value; infinite where only one is NaN, or where a lane that is no channel is not
    // zero.
    double apart() const {
        double difference = 0;
        double largest = 1;
        for (Size i = 0; i < count(); ++i) {
            for (int c = 0; c < padded(shape.channels, lanes); ++c) {
                for (Size p = 0; p < shape.pixels(); ++p) {
                    const bool real = c < shape.channels;
                    const double a = static_cast<double>(ours.data()[place(i, c, p)]);
                    const double b = real ? theirs[i * shape.size() + static_cast<Size>(c) * shape.pixels() + p] : 0;
                    if (std::isnan(a) && std::isnan(b)) continue;
                    if (a == b) {
                        if (std::isfinite(b)) largest = std::max(largest, std::abs(b));
                        continue;
                    }
                    const double d = std::abs(a - b);
                    if (!real || !std::isfinite(d)) return std::numeric_limits<double>::infinity();
                    difference = std::max(difference, d);
                    largest = std::max(largest, std::abs(b));
                }
            }
        }
        return difference / largest;
    }

    Shape shape;
    int n;
    Buffer<T> ours;
    std::vector<double> theirs;
};

// A number for each channel, zeros beyond the last.
template <class T>
struct Channels {
    Channels(int channels, std::uint64_t seed)
        : ours(static_cast<Size>(padded(channels, simd::lanes<T>))), theirs(static_cast<Size>(channels)) {
        Numbers numbers(seed);
        for (Size c = 0; c < theirs.size(); ++c) {
            theirs[c] = on_grid(numbers);
            ours.data()[c] = static_cast<T>(theirs[c]);
        }
    }

    Buffer<T> ours;
    std::vector<double> theirs;
};

// f(blocks) with each block alone, from the last to the first: whoever writes outside of them damages what is finished.
template <class T, class F>
void block_by_block(Shape s, F f) {
    for (int b = blocks_of(s.channels, simd::lanes<T>); b-- > 0;) f(Range{b, b + 1});
}

template <class T, class F>
void on_every_shape(F f) {
    for (const int channels : {1, 3, 5, 12, 17, 100}) {
        for (const Shape s : {Shape{channels, 1, 1}, Shape{channels, 1, 7}, Shape{channels, 5, 3}, Shape{channels, 9, 8}}) {
            CAPTURE(s.channels);
            CAPTURE(s.height);
            CAPTURE(s.width);
            f(s, Range{0, s.channels});
        }
    }
}

// f(constant that is true), f(constant that is false)
template <class F>
void both_ways(F f) {
    f(std::true_type{});
    f(std::false_type{});
}

template <class T>
constexpr double most = std::is_same_v<T, double> ? 1e-14 : 2e-6;

TEST_CASE_TEMPLATE("affine", T, float, double) {
    using K = Vectorised<T>;
    on_every_shape<T>([](Shape s, Range all) {
        const Channels<T> scale(s.channels, 1);
        const Channels<T> shift(s.channels, 2);
        both_ways([&](auto relu) {
            both_ways([&](auto accumulates) {
                const Images<T> x(s, 3);
                Images<T> y(s, 4);
                block_by_block<T>(s, [&](Range b) {
                    K::template affine<relu, accumulates>(x.ours.data(), s, b, scale.ours.data(), shift.ours.data(),
                                                          y.ours.data());
                });
                Plain::affine<relu, accumulates>(x.theirs.data(), s, all, scale.theirs.data(), shift.theirs.data(),
                                                 y.theirs.data());
                CHECK(y.apart() <= most<T>);

                Images<T> z(s, 3);
                block_by_block<T>(s, [&](Range b) {
                    K::template affine<relu, accumulates>(z.ours.data(), s, b, scale.ours.data(), shift.ours.data(),
                                                          z.ours.data());
                });
                Plain::affine<relu, accumulates>(z.theirs.data(), s, all, scale.theirs.data(), shift.theirs.data(),
                                                 z.theirs.data());
                CHECK(z.apart() <= most<T>);
            });
        });
    });
}

TEST_CASE_TEMPLATE("gradient of affine", T, float, double) {
    using K = Vectorised<T>;
    on_every_shape<T>([](Shape s, Range all) {
        const Channels<T> scale(s.channels, 1);
        const Channels<T> shift(s.channels, 2);
        const Channels<T> a(s.channels, 3);
        const Channels<T> b(s.channels, 4);
        const Channels<T> c(s.channels, 5);
        both_ways([&](auto relu) {
            const Images<T> x(s, 6);
            const Images<T> dy(s, 7);

            std::vector<double> sums(2 * a.ours.size(), -1);
            std::vector<double> expected(2 * a.theirs.size());
            block_by_block<T>(s, [&](Range r) {
                K::template affine_gradient_sums<relu>(x.ours.data(), dy.ours.data(), s, r, a.ours.data(), b.ours.data(),
                                                       scale.ours.data(), shift.ours.data(), sums.data());
            });
            Plain::affine_gradient_sums<relu>(x.theirs.data(), dy.theirs.data(), s, all, a.theirs.data(), b.theirs.data(),
                                              scale.theirs.data(), shift.theirs.data(), expected.data());
            for (Size i = 0; i < sums.size(); ++i) {
                const Size channel = i % a.ours.size();
                const Size which = i / a.ours.size();
                const bool real = channel < a.theirs.size();
                const double wanted = real ? expected[which * a.theirs.size() + channel] : 0;
                CHECK(std::abs(sums[i] - wanted) <= (real ? 1000 * most<T> : 0));
            }

            both_ways([&](auto accumulates) {
                Images<T> dx(s, 8);
                block_by_block<T>(s, [&](Range r) {
                    K::template affine_gradient<relu, accumulates>(x.ours.data(), dy.ours.data(), s, r, scale.ours.data(),
                                                                   shift.ours.data(), a.ours.data(), b.ours.data(), c.ours.data(),
                                                                   dx.ours.data());
                });
                Plain::affine_gradient<relu, accumulates>(x.theirs.data(), dy.theirs.data(), s, all, scale.theirs.data(),
                                                          shift.theirs.data(), a.theirs.data(), b.theirs.data(), c.theirs.data(),
                                                          dx.theirs.data());
                CHECK(dx.apart() <= most<T>);

                Images<T> in_place(s, 7);
                block_by_block<T>(s, [&](Range r) {
                    K::template affine_gradient<relu, accumulates>(x.ours.data(), in_place.ours.data(), s, r, scale.ours.data(),
                                                                   shift.ours.data(), a.ours.data(), b.ours.data(), c.ours.data(),
                                                                   in_place.ours.data());
                });
                Plain::affine_gradient<relu, accumulates>(x.theirs.data(), in_place.theirs.data(), s, all, scale.theirs.data(),
                                                          shift.theirs.data(), a.theirs.data(), b.theirs.data(), c.theirs.data(),
                                                          in_place.theirs.data());
                CHECK(in_place.apart() <= most<T>);
            });
        });
    });
}

// A function, and then one that has a gradient, too.
template <class T, class F>
void check_map(F f) {
    using K = Vectorised<T>;
    on_every_shape<T>([=](Shape s, Range all) {
        both_ways([&](auto accumulates) {
            const Images<T> x(s, 1);
            Images<T> y(s, 2);
            block_by_block<T>(s, [&](Range b) { K::template map<accumulates>(x.ours.data(), s, b, y.ours.data(), f); });
            Plain::map<accumulates>(x.theirs.data(), s, all, y.theirs.data(), f);
            CHECK(y.apart() <= most<T>);

            Images<T> z(s, 1);
            block_by_block<T>(s, [&](Range b) { K::template map<accumulates>(z.ours.data(), s, b, z.ours.data(), f); });
            Plain::map<accumulates>(z.theirs.data(), s, all, z.theirs.data(), f);
            CHECK(z.apart() <= most<T>);
        });
    });
}
template <class T, class F>
void check_function(F f) {
    using K = Vectorised<T>;
    check_map<T>(f);
    on_every_shape<T>([=](Shape s, Range all) {
        both_ways([&](auto accumulates) {
            const Images<T> x(s, 1);
            Images<T> y(s, 2);
            block_by_block<T>(s, [&](Range b) { K::template map<accumulates>(x.ours.data(), s, b, y.ours.data(), f); });
            Plain::map<accumulates>(x.theirs.data(), s, all, y.theirs.data(), f);

            Images<T> dx(s, 3);
            block_by_block<T>(s, [&](Range b) {
                K::template map_gradient<accumulates>(x.ours.data(), y.ours.data(), s, b, dx.ours.data(), f);
            });
            Plain::map_gradient<accumulates>(x.theirs.data(), y.theirs.data(), s, all, dx.theirs.data(), f);
            CHECK(dx.apart() <= most<T>);

            Images<T> dz(s, 4);
            block_by_block<T>(s, [&](Range b) {
                K::template map_gradient<accumulates>(x.ours.data(), dz.ours.data(), s, b, dz.ours.data(), f);
            });
            Plain::map_gradient<accumulates>(x.theirs.data(), dz.theirs.data(), s, all, dz.theirs.data(), f);
            CHECK(dz.apart() <= most<T>);
        });
    });
}
TEST_CASE_TEMPLATE("map", T, float, double) {
    check_function<T>(kernels::functions::Copy{});
    check_function<T>(kernels::functions::Relu{});
    check_function<T>(kernels::functions::LeakyRelu<Real(0.1)>{});
    check_function<T>(kernels::functions::Sigmoid{});
    check_function<T>(kernels::functions::Scale<Real(0.3)>{});
    check_map<T>(kernels::functions::Times{0.3});
    check_map<T>(kernels::functions::Zero{});
}

TEST_CASE_TEMPLATE("products of channels", T, float, double) {
    using K = Vectorised<T>;
    on_every_shape<T>([](Shape s, Range all) {
        const Images<T> x(s, 1);
        const Images<T> z(s, 2);
        const Size wide = static_cast<Size>(padded(s.channels, K::lanes));
        std::vector<double> sums(wide, -1);
        std::vector<double> expected(wide);
        block_by_block<T>(s, [&](Range b) { K::channel_products(x.ours.data(), z.ours.data(), s, b, sums.data()); });
        Plain::channel_products(x.theirs.data(), z.theirs.data(), s, all, expected.data());
        CHECK(sums == expected);  // (Of multiples of 1/8 all sums are exact.)
    });
}

TEST_CASE_TEMPLATE("gate", T, float, double) {
    using K = Vectorised<T>;
    on_every_shape<T>([](Shape s, Range all) {
        const Images<T> g(s, 1);
        const Images<T> h(s, 2);
        const Images<T> f(s, 3);
        const Images<T> dy(s, 4);
        both_ways([&](auto both) {
            both_ways([&](auto accumulates) {
                Images<T> y(s, 5);
                block_by_block<T>(s, [&](Range b) {
                    K::template gate<both, accumulates>(g.ours.data(), h.ours.data(), f.ours.data(), s, b, y.ours.data());
                });
                Plain::gate<both, accumulates>(g.theirs.data(), h.theirs.data(), f.theirs.data(), s, all, y.theirs.data());
                CHECK(y.apart() <= most<T>);
            });
            Images<T> dg(s, 6);
            Images<T> dh(s, 7);
            Images<T> df(s, 8);
            block_by_block<T>(s, [&](Range b) {
                K::template gate_gradient<both>(g.ours.data(), h.ours.data(), f.ours.data(), dy.ours.data(), s, b, dg.ours.data(),
                                                dh.ours.data(), df.ours.data());
            });
            Plain::gate_gradient<both>(g.theirs.data(), h.theirs.data(), f.theirs.data(), dy.theirs.data(), s, all,
                                       dg.theirs.data(), dh.theirs.data(), df.theirs.data());
            CHECK(dg.apart() <= most<T>);
            CHECK(dh.apart() <= most<T>);
            CHECK(df.apart() <= most<T>);
        });
    });
}

// (Values on a coarse grid: windows have several equal maxima, of which the first gets the gradient.)
TEST_CASE_TEMPLATE("pooling with a window", T, float, double) {
    using K = Vectorised<T>;
    on_every_shape<T>([](Shape s, Range all) {
        for (const Window w : {Window{1, 1, 0}, Window{2, 2, 0}, Window{3, 2, 1}, Window{3, 1, 1}, Window{2, 3, Margins(0, 1)},
                               Window{2, 1, Margins(1, 0)}, Window{5, 3, 2}}) {
            const Shape out{s.channels, w.over(s.height), w.over(s.width)};
            if (out.pixels() == 0) continue;
            CAPTURE(w.size);
            CAPTURE(w.stride);
            both_ways([&](auto accumulates) {
                Images<T> x(s, 1);
                x.put(0, s.channels / 2, s.pixels() / 2, std::numeric_limits<double>::quiet_NaN());
                const Images<T> dy(out, 2);

                Images<T> largest(out, 3);
                block_by_block<T>(
                    s, [&](Range b) { K::template max_pool<accumulates>(x.ours.data(), s, out, w, b, largest.ours.data()); });
                Plain::max_pool<accumulates>(x.theirs.data(), s, out, w, all, largest.theirs.data());
                CHECK(largest.apart() <= most<T>);

                Images<T> average(out, 4);
                block_by_block<T>(
                    s, [&](Range b) { K::template average_pool<accumulates>(x.ours.data(), s, out, w, b, average.ours.data()); });
                Plain::average_pool<accumulates>(x.theirs.data(), s, out, w, all, average.theirs.data());
                CHECK(average.apart() <= most<T>);

                Images<T> of_largest(s, 5);
                block_by_block<T>(s, [&](Range b) {
                    K::template max_pool_gradient<accumulates>(x.ours.data(), dy.ours.data(), s, out, w, b,
                                                               of_largest.ours.data());
                });
                Plain::max_pool_gradient<accumulates>(x.theirs.data(), dy.theirs.data(), s, out, w, all,
                                                      of_largest.theirs.data());
                CHECK(of_largest.apart() <= most<T>);

                Images<T> of_average(s, 6);
                block_by_block<T>(s, [&](Range b) {
                    K::template average_pool_gradient<accumulates>(dy.ours.data(), s, out, w, b, of_average.ours.data());
                });
                Plain::average_pool_gradient<accumulates>(dy.theirs.data(), s, out, w, all, of_average.theirs.data());
                CHECK(of_average.apart() <= most<T>);
            });
        }
    });
}

TEST_CASE_TEMPLATE("global average", T, float, double) {
    using K = Vectorised<T>;
    on_every_shape<T>([](Shape s, Range all) {
        both_ways([&](auto accumulates) {
            const Images<T> x(s, 1);
            Images<T> y(Shape{s.channels}, 2);
            block_by_block<T>(s, [&](Range b) { K::template global_average<accumulates>(x.ours.data(), s, b, y.ours.data()); });
            Plain::global_average<accumulates>(x.theirs.data(), s, all, y.theirs.data());
            CHECK(y.apart() <= most<T>);

            const Images<T> dy(Shape{s.channels}, 3);
            Images<T> dx(s, 4);
            block_by_block<T>(
                s, [&](Range b) { K::template global_average_gradient<accumulates>(dy.ours.data(), s, b, dx.ours.data()); });
            Plain::global_average_gradient<accumulates>(dy.theirs.data(), s, all, dx.theirs.data());
            CHECK(dx.apart() <= most<T>);
        });
    });
}

TEST_CASE_TEMPLATE("subsampling", T, float, double) {
    using K = Vectorised<T>;
    on_every_shape<T>([](Shape s, Range) {
        for (const int stride : {1, 2, 3}) {
            for (const int added : {0, 1, 16, 37}) {
                for (const int front : {0, added / 2, added}) {
                    const Shape out{s.channels + added, (s.height - 1) / stride + 1, (s.width - 1) / stride + 1};
                    CAPTURE(stride);
                    CAPTURE(added);
                    CAPTURE(front);
                    both_ways([&](auto accumulates) {
                        const Images<T> x(s, 1);
                        Images<T> y(out, 2);
                        K::template subsample<accumulates>(x.ours.data(), s, out, stride, front, y.ours.data());
                        Plain::subsample<accumulates>(x.theirs.data(), s, out, stride, front, y.theirs.data());
                        CHECK(y.apart() == 0);

                        const Images<T> dy(out, 3);
                        Images<T> dx(s, 4);
                        K::template subsample_gradient<accumulates>(dy.ours.data(), s, out, stride, front, dx.ours.data());
                        Plain::subsample_gradient<accumulates>(dy.theirs.data(), s, out, stride, front, dx.theirs.data());
                        CHECK(dx.apart() == 0);
                    });
                }
            }
        }
    });
}

TEST_CASE_TEMPLATE("linear", T, float, double) {
    using K = Vectorised<T>;
    const Team team{2};
    on_every_shape<T>([&](Shape s, Range) {
        for (const int outputs : {1, 3, 10, 37}) {
            CAPTURE(outputs);
            const int n = 3;
            const Size weights = static_cast<Size>(outputs) * s.size();
            std::vector<double> w(weights);
            std::vector<double> bias(static_cast<Size>(outputs));
            Numbers numbers(1);
            for (double& value : w) value = on_grid(numbers);
            for (double& value : bias) value = on_grid(numbers);
            const std::vector<T> our_w(w.begin(), w.end());
            const std::vector<T> our_bias(bias.begin(), bias.end());
            Buffer<T> scratch(n * K::linear_scratch(s));

            both_ways([&](auto accumulates) {
                const Images<T> x(s, 2, n);
                Images<T> y(Shape{outputs}, 3, n);
                K::template linear<accumulates>(team, n, x.ours.data(), s, outputs, our_w.data(), our_bias.data(), y.ours.data(),
                                                scratch.data());
                Plain::linear<accumulates>(team, n, x.theirs.data(), s, outputs, w.data(), bias.data(), y.theirs.data(), nullptr);
                CHECK(y.apart() <= most<T>);

                both_ways([&](auto wants_dx) {
                    const Images<T> dy(Shape{outputs}, 4, n);
                    Images<T> dx(s, 5, n);
                    std::vector<T> our_dw(our_w);
                    std::vector<T> our_dbias(our_bias);
                    std::vector<double> dw(w);
                    std::vector<double> dbias(bias);
                    K::template linear_gradient<accumulates>(team, n, x.ours.data(), dy.ours.data(), s, outputs, our_w.data(),
                                                             our_dw.data(), our_dbias.data(), wants_dx ? dx.ours.data() : nullptr,
                                                             scratch.data());
                    Plain::linear_gradient<accumulates>(team, n, x.theirs.data(), dy.theirs.data(), s, outputs, w.data(),
                                                        dw.data(), dbias.data(), wants_dx ? dx.theirs.data() : nullptr, nullptr);
                    CHECK(dx.apart() <= most<T>);
                    for (Size i = 0; i < weights; ++i) REQUIRE(std::abs(static_cast<double>(our_dw[i]) - dw[i]) <= 20 * most<T>);
                    for (Size o = 0; o < bias.size(); ++o) {
                        REQUIRE(std::abs(static_cast<double>(our_dbias[o]) - dbias[o]) <= 20 * most<T>);
                    }
                });
            });
        }
    });
}

TEST_CASE_TEMPLATE("packing and unpacking", T, float, double) {
    using K = Vectorised<T>;
    on_every_shape<T>([](Shape s, Range) {
        Images<T> expected(s, 1);
        const std::vector<T> plain(expected.theirs.begin(), expected.theirs.end());
        Images<T> image(s, 2);
        std::memset(image.ours.data(), 0xff, image.ours.size() * sizeof(T));
        K::to_blocked(plain.data(), s, image.ours.data());
        image.theirs = expected.theirs;
        CHECK(image.apart() == 0);

        std::vector<T> back(s.size());
        K::from_blocked(image.ours.data(), s, back.data());
        CHECK(back == plain);
    });
}

TEST_CASE_TEMPLATE("dropout", T, float, double) {
    using K = Vectorised<T>;
    const random::Key key{.seed = 5, .purpose = random::Purpose::dropout, .index = 2, .step = 3, .sample = 4};
    on_every_shape<T>([&](Shape s, Range all) {
        both_ways([&](auto accumulates) {
            const Images<T> x(s, 1);
            Images<T> y(s, 2);
            block_by_block<T>(
                s, [&](Range b) { K::template dropout<accumulates>(x.ours.data(), s, b, key, 0.3, T(1.5), y.ours.data()); });
            Plain::dropout<accumulates>(x.theirs.data(), s, all, key, 0.3, 1.5, y.theirs.data());
            CHECK(y.apart() <= most<T>);

            Images<T> z(s, 1);
            block_by_block<T>(
                s, [&](Range b) { K::template dropout<accumulates>(z.ours.data(), s, b, key, 0.3, T(1.5), z.ours.data()); });
            Plain::dropout<accumulates>(z.theirs.data(), s, all, key, 0.3, 1.5, z.theirs.data());
            CHECK(z.apart() <= most<T>);
        });
    });
}

TEST_CASE_TEMPLATE("moments", T, float, double) {
    using K = Vectorised<T>;
    on_every_shape<T>([](Shape s, Range all) {
        Images<T> x(s, 1);
        Numbers numbers(2);
        for (int c = 0; c < s.channels; ++c) {
            for (Size p = 0; p < s.pixels(); ++p) x.put(0, c, p, 100 + on_grid(numbers));  // far from zero, still exact
        }
        const Size wide = static_cast<Size>(padded(s.channels, K::lanes));
        std::vector<T> found(2 * wide, T(-1));
        std::vector<double> expected(2 * static_cast<Size>(s.channels));
        block_by_block<T>(s, [&](Range b) { K::moments(x.ours.data(), s, b, found.data()); });
        Plain::moments(x.theirs.data(), s, all, expected.data());
        for (Size c = 0; c < wide; ++c) {
            const bool real = c < static_cast<Size>(s.channels);
            const double mean = real ? expected[c] : 0;
            const double squares = real ? expected[static_cast<Size>(s.channels) + c] : 0;
            CHECK(std::abs(static_cast<double>(found[c]) - mean) <= (real ? 100 * most<T> : 0));
            CHECK(std::abs(static_cast<double>(found[wide + c]) - squares) <= (real ? 300 * most<T> : 0));
        }

        std::vector<T> whole(2 * wide);
        K::moments(x.ours.data(), s, Range{0, blocks_of(s.channels, K::lanes)}, whole.data());
        CHECK(whole == found);
    });
}

// Channels 0 and 1 hold what is not finite, and so do their scales; every other lane of the block must stay as it is.
TEST_CASE_TEMPLATE("what is not finite stays in its channel", T, float, double) {
    using K = Vectorised<T>;
    const double infinity = std::numeric_limits<double>::infinity();
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const Shape s{3, 2, 3};
    const Range all{0, 3};
    const Range blocks{0, blocks_of(s.channels, K::lanes)};
    Images<T> x(s, 1);
    x.put(0, 0, 1, infinity);
    x.put(0, 0, 4, -infinity);
    x.put(0, 1, 2, nan);
    Images<T> dy(s, 2);
    dy.put(0, 0, 1, -infinity);
    dy.put(0, 1, 0, nan);
    Channels<T> scale(s.channels, 3);
    Channels<T> shift(s.channels, 4);
    shift.ours.data()[1] = std::numeric_limits<T>::infinity();
    shift.theirs[1] = infinity;

    both_ways([&](auto accumulates) {
        both_ways([&](auto relu) {
            Images<T> y(s, 5);
            K::template affine<relu, accumulates>(x.ours.data(), s, blocks, scale.ours.data(), shift.ours.data(), y.ours.data());
            Plain::affine<relu, accumulates>(x.theirs.data(), s, all, scale.theirs.data(), shift.theirs.data(), y.theirs.data());
            CHECK(y.apart() <= most<T>);

            Images<T> dx(s, 6);
            K::template affine_gradient<relu, accumulates>(x.ours.data(), dy.ours.data(), s, blocks, scale.ours.data(),
                                                           shift.ours.data(), scale.ours.data(), scale.ours.data(),
                                                           shift.ours.data(), dx.ours.data());
            Plain::affine_gradient<relu, accumulates>(x.theirs.data(), dy.theirs.data(), s, all, scale.theirs.data(),
                                                      shift.theirs.data(), scale.theirs.data(), scale.theirs.data(),
                                                      shift.theirs.data(), dx.theirs.data());
            CHECK(dx.apart() <= most<T>);
        });
        const auto check = [&](auto f) {
            Images<T> y(s, 5);
            K::template map<accumulates>(x.ours.data(), s, blocks, y.ours.data(), f);
            Plain::map<accumulates>(x.theirs.data(), s, all, y.theirs.data(), f);
            CHECK(y.apart() <= most<T>);

            Images<T> dx(s, 6);
            K::template map_gradient<accumulates>(x.ours.data(), dy.ours.data(), s, blocks, dx.ours.data(), f);
            Plain::map_gradient<accumulates>(x.theirs.data(), dy.theirs.data(), s, all, dx.theirs.data(), f);
            CHECK(dx.apart() <= most<T>);
        };
        check(kernels::functions::Copy{});
        check(kernels::functions::Relu{});
        check(kernels::functions::LeakyRelu<Real(0.1)>{});
        check(kernels::functions::Sigmoid{});
        check(kernels::functions::Scale<Real(0)>{});

        Images<T> gated(s, 5);
        K::template gate<true, accumulates>(x.ours.data(), dy.ours.data(), x.ours.data(), s, blocks, gated.ours.data());
        Plain::gate<true, accumulates>(x.theirs.data(), dy.theirs.data(), x.theirs.data(), s, all, gated.theirs.data());
        CHECK(gated.apart() <= most<T>);

        const Window w{2, 1, Margins(1, 0)};
        Images<T> pooled(s, 5);
        K::template max_pool<accumulates>(x.ours.data(), s, s, w, blocks, pooled.ours.data());
        Plain::max_pool<accumulates>(x.theirs.data(), s, s, w, all, pooled.theirs.data());
        CHECK(pooled.apart() <= most<T>);

        Images<T> of_pooled(s, 6);
        K::template max_pool_gradient<accumulates>(x.ours.data(), dy.ours.data(), s, s, w, blocks, of_pooled.ours.data());
        Plain::max_pool_gradient<accumulates>(x.theirs.data(), dy.theirs.data(), s, s, w, all, of_pooled.theirs.data());
        CHECK(of_pooled.apart() <= most<T>);

        const random::Key key{};
        Images<T> dropped(s, 5);
        K::template dropout<accumulates>(x.ours.data(), s, blocks, key, 0.5, T(2), dropped.ours.data());
        Plain::dropout<accumulates>(x.theirs.data(), s, all, key, 0.5, 2, dropped.theirs.data());
        CHECK(dropped.apart() <= most<T>);
    });
}

}  // namespace
}  // namespace residua::inline RESIDUA_ISA::testing
