// Squeeze-and-excitation (Hu et al. 2018).
#pragma once

#include <residua/core/arena.hpp>
#include <residua/kernels/elementwise/functions.hpp>
#include <residua/layers/activation.hpp>
#include <residua/layers/linear.hpp>
#include <residua/layers/sequence.hpp>

#include <algorithm>

namespace residua::inline RESIDUA_ISA {

// y = s x, with a factor s in (0, 1) for each channel of an image: s = sigmoid(W2 relu(W1 mean(x) + b1) + b2), the mean over
// pixels. At the end of a branch, behind F's last layer, as in SE-ResNet.
//   parameters: W1 [hidden][channels], b1 [hidden], W2 [channels][hidden], b2 [channels]; hidden = channels / Ratio, at least 1
//
// (Linear layers, as in the paper, which start with a variance of 1 / inputs. Of a 1x1 convolution that FanOut draws it would be
// 2 Ratio times as large for W1, and many factors would start near zero or one.)
//
// Error: Ratio is below 1.
template <int Ratio = 16>
struct SqueezeExcite {
    // What makes factors of means: an image of one pixel.
    template <Signal In>
    static constexpr Signal squeezed{Shape{In.channels}};
    template <Signal In>
    using Excitation = Sequence<Linear<std::max(1, In.channels / Ratio)>, Relu, Linear<In.channels>, Sigmoid>;

    template <Signal In>
    static constexpr ShapeInference infer() {
        if constexpr (Ratio < 1) {
            return ShapeInference::failed(In, {Quantity::ratio, Ratio});
        } else {
            ShapeInference result = inferred<Excitation<In>, squeezed<In>>;
            if (result.ok()) result.out = In;
            ++result.layers;
            return result;
        }
    }

    template <Signal In, class K>
    struct At : Bound<SqueezeExcite, In, K> {
        using T = typename K::Scalar;
        static constexpr Shape shape = In;
        static constexpr Shape mean_shape = squeezed<In>;
        using Inner = residua::At<Excitation<In>, squeezed<In>, K>;
        static constexpr Size image = stored(shape, K::lanes);
        static constexpr int blocks = blocks_of(In.channels, K::lanes);
        static constexpr Size wide = stored(mean_shape, K::lanes);  // a number a channel
        static constexpr Size value = rounded(wide);

        // Means and factors are kept from forward to backward, and what the inner network keeps lies behind them.
        static constexpr Extent inner_at{.saved = 2 * value};
        static constexpr Extent extent = inner_at + Inner::extent;
        static constexpr Totals totals = Inner::totals;
        static constexpr Traffic traffic = traffic_of<K, Inner>() + Traffic{3 * image, 4 * image};
        static constexpr bool reads_input = true;
        static constexpr bool counts_moments = true;

        // Scratch: means and factors where they are not kept, or their gradients, and the sums that these are made of. `fixed`: a
        // zero a channel.
        static constexpr Need zeros{value, 0};
        template <Mode M>
        static constexpr Need own_forward = M == Mode::inference ? Need{value, 2 * value} : zeros;
        static constexpr Need own_backward{0, 2 * value + rounded(wide * sizeof(double) / sizeof(T))};
        template <Mode M, bool>
        static constexpr Need forward_scratch = own_forward<M> + Inner::template forward_scratch<M, false>;
        template <bool>
        static constexpr Need backward_scratch = own_backward + Inner::template backward_scratch<false>;

        static void prepare(const Frame<T>& f) { Inner::prepare(f.at(inner_at)); }

        template <Mode M, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            T* means = M == Mode::inference ? f.scratch : f.saved;
            T* factors = means + f.all(value);
            f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) {
                const Size at = static_cast<Size>(i);
                K::template global_average<false>(x.data + at * image, shape, b, means + at * wide);
            });
            Inner::template forward<M>(f.at(inner_at, own_forward<M>), Input<T>{means}, Output<T>{factors});

            T* zero = f.scratch_fixed;
            std::fill(zero, zero + wide, T(0));
            write_images<K>(f, y, shape, [&](Size i, Range b, Size at) {
                K::template affine<false, Out::accumulates>(x.data + at, shape, b, factors + i * wide, zero, y.data + at);
            });
        }
        // dx = s dy + dmean / pixels, where dmean comes of ds = sum over pixels of x dy.
        template <class Out>
        static void backward(const Frame<T>& f, Input<T> x, Unread, Gradient<T> dy, Out dx) {
            const T* means = f.saved;
            const T* factors = means + f.all(value);
            T* of_means = f.scratch;
            T* of_factors = of_means + f.all(value);
            double* sums = array_in<double>(of_factors + f.all(value), f.all(wide));
            f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) {
                const Size at = static_cast<Size>(i);
                K::channel_products(x.data + at * image, dy.data + at * image, shape, b, sums + at * wide);
                for (Size c = at * wide + first(b.begin); c < at * wide + first(b.end); ++c) of_factors[c] = T(sums[c]);
            });
            Inner::backward(f.at(inner_at, own_backward), read_if<Inner::reads_input>(Input<T>{means}),
                            read_if<Inner::reads_output>(Input<T>{factors}), Gradient<T>{of_factors}, Output<T>{of_means});

            const kernels::functions::Times share{1 / static_cast<double>(shape.pixels())};
            f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) {
                const Size at = static_cast<Size>(i);
                T* shift = of_means + at * wide;
                K::template map<false>(shift, mean_shape, b, shift, share);
                K::template affine<false, Out::accumulates>(dy.data + at * image, shape, b, factors + at * wide, shift,
                                                            dx.data + at * image);
            });
        }

        // fc and fc2 of one block: se1.fc.weight.
        static constexpr void describe(Namer& namer) {
            const auto block = namer.block("se");
            Inner::describe(namer);
            namer.leaf("channel_scale", shape, shape);
        }

    private:
        // The first channel of a block.
        static constexpr Size first(int block) { return static_cast<Size>(block) * K::lanes; }
    };
};

}  // namespace residua::inline RESIDUA_ISA
