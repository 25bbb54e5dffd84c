// Batch normalisation (Ioffe and Szegedy 2015), alone or with the ReLU that follows it.
#pragma once

#include <residua/core/arena.hpp>
#include <residua/layers/layer.hpp>
#include <residua/simd/elementary.hpp>

#include <cmath>

namespace residua::inline RESIDUA_ISA {

// What batch normalisation learns of gamma and beta. `shift`: beta alone, gamma is 1 (Keras: scale=False).
enum class Affine { none, shift, scale_and_shift };

// y = gamma (x - mean) / sqrt(variance + Epsilon) + beta, a channel. Training takes mean and (biased) variance of the batch and
// moves the running ones by Momentum towards them (the variance unbiased, as PyTorch does); inference takes the running ones.
//
//   parameters: weight (gamma) and bias (beta) [channels], as far as Learned says so
//   statistics: running_mean, running_var [channels]
//
// Coefficients too small to be normal count as zero: they would make whole activations and gradients so, over which many
// processors take far longer.
//
// Beta starts from Bias, or is Bias where it is not learned. Training needs more than one value a channel: Trainer checks it.
template <Real Epsilon = Real(1e-5), Real Momentum = Real(0.1), Affine Learned = Affine::scale_and_shift, Real Bias = Real(0)>
struct BatchNorm;

namespace detail {

// What batch normalisation is for one input: shared by BatchNorm, and by the layers that fuse it with what follows.
template <Signal In, class K, Real Epsilon, Real Momentum, Affine Learned, Real Bias>
struct Normaliser {
    using T = typename K::Scalar;
    static constexpr Shape shape = In;
    static constexpr Size channels = static_cast<Size>(In.channels);
    static constexpr Size wide = static_cast<Size>(padded(In.channels, K::lanes));
    static constexpr int blocks = blocks_of(In.channels, K::lanes);
    static constexpr Size image = stored(shape, K::lanes);

    // Kept from forward to backward, each `wide`: mean, 1 / standard deviation, and y = scale x + shift; and those of backward's
    // dx = c1 g + c2 x + c3, which outlives it where its last step is left to the reader.
    struct Coefficients {
        T* mean = nullptr;
        T* inverse = nullptr;
        T* scale = nullptr;
        T* shift = nullptr;
        T* c1 = nullptr;
        T* c2 = nullptr;
        T* c3 = nullptr;
    };

    static constexpr bool learns_gamma = Learned == Affine::scale_and_shift;
    static constexpr bool learns_beta = Learned != Affine::none;
    static constexpr Size beta_at = learns_gamma ? channels : 0;
    static constexpr Extent extent{.parameters = beta_at + (learns_beta ? channels : 0),
                                   .statistics = 2 * channels,
                                   .prepared = rounded(2 * wide),
                                   .fixed = rounded(7 * wide)};
    static constexpr Need moments_scratch{0, rounded(2 * wide)};
    static constexpr Size sums_of_an_image = rounded(2 * wide * sizeof(double) / sizeof(T));
    static constexpr Need gradient_scratch{0, sums_of_an_image};

    static T gamma(const Frame<T>& f, Size c) { return learns_gamma ? f.parameters[c] : T(1); }
    static T beta(const Frame<T>& f, Size c) { return learns_beta ? f.parameters[beta_at + c] : T(Bias.value); }

    static ChannelMap channel_map(const Frame<T>& f, Size c) {
        const double scale =
            static_cast<double>(gamma(f, c)) / std::sqrt(static_cast<double>(f.statistics[channels + c]) + Epsilon.value);
        return {scale, simd::fma(-static_cast<double>(f.statistics[c]), scale, static_cast<double>(beta(f, c)))};
    }

    static void prepare(const Frame<T>& f) {
        T* scale = f.prepared;
        T* shift = f.prepared + wide;
        for (Size c = 0; c < wide; ++c) {
            const bool real = c < channels;
            scale[c] =
                real ? simd::flushed(gamma(f, c) * T(1 / std::sqrt(double(f.statistics[channels + c]) + Epsilon.value))) : T(0);
            shift[c] = real ? simd::flushed(simd::fma(-f.statistics[c], scale[c], beta(f, c))) : T(0);
        }
        f.need_no_more(f.parameters, extent.parameters);
    }

    // Gathers what the batch's normalisation needs, from the moments that came with x or, if none did, from x itself.
    template <Mode M>
    static Coefficients coefficients(const Frame<T>& f, Input<T> x) {
        if constexpr (M == Mode::inference) {
            return {.scale = f.prepared, .shift = f.prepared + wide};
        } else {
            const T* moments = x.moments;
            if (!moments) {
                f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) {
                    const Size at = static_cast<Size>(i);
                    K::moments(x.data + at * image, shape, b, f.scratch + at * 2 * wide);
                });
                moments = f.scratch;
            }
            const Coefficients kept = of_batch(f);
            combine<M>(f, moments, kept);
            return kept;
        }
    }
    static Coefficients of_batch(const Frame<T>& f) {
        const auto at = [&](Size i) { return f.fixed + i * wide; };
        return {at(0), at(1), at(2), at(3), at(4), at(5), at(6)};
    }

    // Chan's combination of the images' moments, in double, in the order of the images: the same bits for any threads.
    template <Mode M>
    static void combine(const Frame<T>& f, const T* moments, const Coefficients& kept) {
        const double pixels = static_cast<double>(shape.pixels());
        const double count = pixels * f.n;
        for (Size c = 0; c < wide; ++c) {
            if (c >= channels) {
                kept.mean[c] = kept.inverse[c] = kept.scale[c] = kept.shift[c] = T(0);
                continue;
            }

            double mean = 0;
            double squares = 0;
            for (int i = 0; i < f.n; ++i) {
                const T* of_image = moments + static_cast<Size>(i) * 2 * wide;
                const double difference = static_cast<double>(of_image[c]) - mean;
                mean += difference / (i + 1);
                squares += static_cast<double>(of_image[wide + c]) + difference * difference * pixels * i / (i + 1);
            }

            kept.mean[c] = T(mean);
            kept.inverse[c] = T(1 / std::sqrt(squares / count + Epsilon.value));
            kept.scale[c] = simd::flushed(gamma(f, c) * kept.inverse[c]);
            kept.shift[c] = simd::flushed(simd::fma(-kept.mean[c], kept.scale[c], beta(f, c)));

            if constexpr (M == Mode::training) {
                T& running_mean = f.statistics[c];
                T& running_variance = f.statistics[channels + c];
                running_mean = moved(running_mean, mean);
                running_variance = moved(running_variance, squares / (count - 1));
            }
        }
    }

    static double* sums_of_images(const Frame<T>& f) { return array_in<double>(f.scratch, static_cast<Size>(f.n) * 2 * wide); }

    // A running statistic, by Momentum nearer to what the batch has.
    static T moved(T running, double batch) {
        const double old = static_cast<double>(running);
        return T(simd::fma(Momentum.value, batch - old, old));
    }

    template <bool Relu, class Out>
    static void apply(const Frame<T>& f, const T* x, const Coefficients& k, Out y) {
        write_images<K>(f, y, shape, [&](Size, Range b, Size at) {
            K::template affine<Relu, Out::accumulates>(x + at, shape, b, k.scale, k.shift, y.data + at);
        });
    }

    // With g the gradient before the ReLU, xhat = (x - mean) / deviation and means over the batch:
    //   dgamma += sum g xhat     dbeta += sum g     dx = scale (g - mean(g) - xhat mean(g xhat)) = c1 g + c2 x + c3
    // dx may be dy. `scratch` of f: gradient_scratch.
    template <bool Relu, bool Accumulates>
    static void backward(const Frame<T>& f, const T* x, const T* dy, T* dx) {
        f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) { sum_of_image<Relu>(f, x, dy, i, b); });
        solve(f);
        apply_gradient<Relu, Accumulates>(f, x, dy, dx);
    }

    // Its parts: the sums of one image, whose dy is there, into `scratch`; what they give, once all are there; dx itself, or what
    // is left of it to who reads dx.
    template <bool Relu>
    static void sum_of_image(const Frame<T>& f, const T* x, const T* dy, int index, Range of_blocks) {
        const Coefficients k = of_batch(f);
        const Size at = static_cast<Size>(index);
        K::template affine_gradient_sums<Relu>(x + at * image, dy + at * image, shape, of_blocks, k.mean, k.inverse, k.scale,
                                               k.shift, sums_of_images(f) + at * 2 * wide);
    }
    static void solve(const Frame<T>& f) {
        const Coefficients k = of_batch(f);
        const double* sums = sums_of_images(f);
        const double count = static_cast<double>(shape.pixels()) * f.n;
        for (Size c = 0; c < wide; ++c) {
            double sum = 0;
            double dot = 0;
            for (int i = 0; i < f.n; ++i) {
                sum += sums[static_cast<Size>(i) * 2 * wide + c];
                dot += sums[static_cast<Size>(i) * 2 * wide + wide + c];
            }
            if (c < channels) {
                if constexpr (learns_gamma) f.gradients[c] += T(dot);
                if constexpr (learns_beta) f.gradients[beta_at + c] += T(sum);
            }

            const double scale = static_cast<double>(k.scale[c]);
            const double slope = -scale * static_cast<double>(k.inverse[c]) * dot / count;
            k.c1[c] = k.scale[c];
            k.c2[c] = simd::flushed(T(slope));
            k.c3[c] = simd::flushed(T(simd::fma(-slope, static_cast<double>(k.mean[c]), -scale * sum / count)));
        }
    }
    template <bool Relu, bool Accumulates>
    static void apply_gradient(const Frame<T>& f, const T* x, const T* dy, T* dx) {
        const Coefficients k = of_batch(f);
        f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) {
            const Size at = static_cast<Size>(i);
            K::template affine_gradient<Relu, Accumulates>(x + at * image, dy + at * image, shape, b, k.scale, k.shift, k.c1,
                                                           k.c2, k.c3, dx + at * image);
        });
    }
    static PendingGradient<T> pending(const Frame<T>& f, const T* x, const T* dy) {
        const Coefficients k = of_batch(f);
        return {dy, x, k.scale, k.shift, k.c1, k.c2, k.c3};
    }

    static constexpr void describe(Namer& namer) {
        const auto leaf =
            namer.leaf("bn", shape, shape, extent.parameters, 0, {{"epsilon", Epsilon.value}, {"momentum", Momentum.value}});
        if constexpr (learns_gamma) namer.tensor("weight", Role::bn_weight, {In.channels}, 1, 1);
        if constexpr (learns_beta) namer.tensor("bias", Role::bn_bias, {In.channels}, 1, Bias.value);
        namer.tensor("running_mean", Role::running_mean, {In.channels}, 1, 0);
        namer.tensor("running_var", Role::running_variance, {In.channels}, 1, 1);
    }
};

// BatchNorm, and the ReLU after it if there is one: as one layer it costs one pass over memory instead of two.
template <class Spec, bool Relu, Signal In, class K, Real Epsilon, Real Momentum, Affine Learned, Real Bias>
struct BoundNorm : Bound<Spec, In, K> {
    using T = typename K::Scalar;
    using Norm = Normaliser<In, K, Epsilon, Momentum, Learned, Bias>;
    static constexpr Extent extent = Norm::extent;
    static constexpr bool reads_input = true;
    static constexpr bool wants_moments = true;
    static constexpr bool counts_moments = true;
    static constexpr Totals totals{.fewest_pixels = Norm::shape.pixels()};
    static constexpr Traffic traffic{2 * Norm::image, 5 * Norm::image};  // backward: sums of x and dy, then dx of both

    template <Mode M, bool>
    static constexpr Need forward_scratch = M == Mode::inference ? Need{} : Norm::moments_scratch;
    template <bool>
    static constexpr Need backward_scratch = Norm::gradient_scratch;

    static void prepare(const Frame<T>& f) { Norm::prepare(f); }
    static ChannelMap channel_map(const Frame<T>& f, Size channel) { return Norm::channel_map(f, channel); }

    template <Mode M, class Out>
    static void forward(const Frame<T>& f, Input<T> x, Out y) {
        const auto coefficients = Norm::template coefficients<M>(f, x);
        Norm::template apply<Relu>(f, x.data, coefficients, y);
    }
    template <class Out>
    static void backward(const Frame<T>& f, Input<T> x, Unread, Gradient<T> dy, Out dx) {
        Norm::template backward<Relu, Out::accumulates>(f, x.data, dy.data, dx.data);
    }

    static constexpr void describe(Namer& namer) { Norm::describe(namer); }
};

}  // namespace detail

template <Real Epsilon, Real Momentum, Affine Learned, Real Bias>
struct BatchNorm : KeepsShape {
    static constexpr Word word = Word::bn;
    static constexpr bool affine_in_inference = true;

    template <Signal In, class K>
    struct At : detail::BoundNorm<BatchNorm, false, In, K, Epsilon, Momentum, Learned, Bias> {};
    template <Signal In, class K>
    struct WithRelu : detail::BoundNorm<BatchNorm, true, In, K, Epsilon, Momentum, Learned, Bias> {};
    template <Signal In, class K>
    using Normaliser = detail::Normaliser<In, K, Epsilon, Momentum, Learned, Bias>;
};

}  // namespace residua::inline RESIDUA_ISA
