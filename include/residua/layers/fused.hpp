// Layers that a Sequence makes of its neighbours: BatchNorm and ReLU in one pass, and the convolution that reads them.
#pragma once

#include <residua/layers/activation.hpp>
#include <residua/layers/batch_norm.hpp>
#include <residua/layers/conv.hpp>

#include <type_traits>

namespace residua::inline RESIDUA_ISA {

// BatchNorm, Relu as one layer: reads its input only, so the ReLU's sign is never stored.
template <class Norm>
struct NormRelu : KeepsShape {
    static constexpr Word word = Word::bn;

    template <Signal In, class K>
    struct At : Norm::template WithRelu<In, K> {
        static constexpr void describe(Namer& namer) {
            Norm::template WithRelu<In, K>::describe(namer);
            namer.leaf(Relu::kind, In, In);
        }
    };
};

// BatchNorm, Relu, Conv as one layer, which normalises and activates while it loads. Only the raw input is kept from forward to
// backward: the activated copy exists for one image at a time, in a worker's scratch. (Half the memory of a pre-activation
// network, and two passes over memory less, forward and backward.)
template <class Norm, class ConvSpec>
struct NormReluConv {
    static constexpr Word word = Word::conv;
    static constexpr int stride = ConvSpec::stride;
    static constexpr Outcome output(Shape in) { return ConvSpec::output(in); }

    template <Signal In, class K>
    struct At : Bound<NormReluConv, In, K> {
        using T = typename K::Scalar;
        using Normaliser = typename Norm::template Normaliser<In, K>;
        using Convolution = residua::At<ConvSpec, In, K>;

        static constexpr Extent extent = Normaliser::extent + Convolution::extent;
        static constexpr Totals totals = Totals{.fewest_pixels = Normaliser::shape.pixels()} + Convolution::totals;
        static constexpr bool reads_input = true;
        static constexpr bool wants_moments = true;
        static constexpr bool counts_moments = true;
        static constexpr bool takes_addend = true;
        static constexpr bool takes_pending = Convolution::takes_pending;
        static constexpr bool leaves_last = true;
        // (Backward: the convolution's, then dx of x and dA.)
        static constexpr Traffic traffic = traffic_of<K, Convolution>() + Traffic{0, 3 * Normaliser::image};

        template <Mode M, bool Accumulates>
        static constexpr Need forward_scratch = max(M == Mode::inference ? Need{} : Normaliser::moments_scratch,
                                                    Convolution::template forward_scratch<M, Accumulates>);

        // Scratch of backward, an image: the sums, then dA, the gradient of the activated signal, unless it fits where dx goes.
        static constexpr Size activated = rounded(Normaliser::image);
        template <bool Accumulates>
        static constexpr Need backward_scratch{Convolution::template backward_scratch<false>.fixed,
                                               Normaliser::gradient_scratch.image + (Accumulates ? activated : 0)};

        static void prepare(const Frame<T>& f) {
            Normaliser::prepare(f);
            Convolution::prepare(f.at(Normaliser::extent));
        }

        template <Mode M, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            const auto coefficients = Normaliser::template coefficients<M>(f, x);
            Convolution::template convolve<M>(f.at(Normaliser::extent), {x.data, coefficients.scale, coefficients.shift}, y);
        }
        template <class Out>
        static void backward(const Frame<T>& f, Input<T> x, Unread, Gradient<T> dy, Out dx) {
            backward(f, x, Unread{}, PendingGradient<T>{dy.data}, dx);
        }
        template <class Out>
        static void backward(const Frame<T>& f, Input<T> x, Unread, PendingGradient<T> dy, Out dx) {
            T* activated_gradient = Out::accumulates ? f.scratch + f.all(Normaliser::gradient_scratch.image) : dx.data;
            to_activated(f, x.data, dy, activated_gradient);
            Normaliser::template apply_gradient<true, Out::accumulates>(f, x.data, activated_gradient, dx.data);
        }
        template <class Dy>
        static PendingGradient<T> backward_but_last(const Frame<T>& f, Input<T> x, Unread, Dy dy, Output<T> dx) {
            if constexpr (std::is_same_v<Dy, Gradient<T>>) {
                return backward_but_last(f, x, Unread{}, PendingGradient<T>{dy.data}, dx);
            } else {
                to_activated(f, x.data, dy, dx.data);
                return Normaliser::pending(f, x.data, dx.data);
            }
        }

        static constexpr void describe(Namer& namer) {
            Normaliser::describe(namer);
            namer.leaf(Relu::kind, In, In);
            Convolution::describe(namer);
        }

    private:
        // The convolution's gradients, and the sums that the normalisation needs of each image while it is in the cache.
        static void to_activated(const Frame<T>& f, const T* x, PendingGradient<T> dy, T* activated_gradient) {
            const auto coefficients = Normaliser::of_batch(f);
            const auto add_up = [&](int image, Range blocks) {
                Normaliser::template sum_of_image<true>(f, x, activated_gradient, image, blocks);
            };
            Convolution::template gradients<false>(f.at(Normaliser::extent), {x, coefficients.scale, coefficients.shift}, dy,
                                                   activated_gradient, kernels::ImageStage(add_up));
            Normaliser::solve(f);
        }
    };
};

namespace detail {

template <class Spec>
inline constexpr bool is_norm = false;
template <Real Epsilon, Real Momentum, Affine Learned, Real Bias>
inline constexpr bool is_norm<BatchNorm<Epsilon, Momentum, Learned, Bias>> = true;

template <class Spec>
inline constexpr bool is_conv = false;
template <int Filters, class... Options>
inline constexpr bool is_conv<Conv<Filters, Options...>> = true;

template <class... L>
struct Specs {};

// The same layers with neighbours fused where they can be. The layer at the network's very input is left alone.
template <class Done, class... Todo>
struct Fuse;
template <class... D>
struct Fuse<Specs<D...>> {
    using type = Specs<D...>;
};
template <class... D, class L, class... R>
struct Fuse<Specs<D...>, L, R...> : Fuse<Specs<D..., L>, R...> {};
// clang-format off
template <class... D, class Norm, class... R>
    requires is_norm<Norm>
struct Fuse<Specs<D...>, Norm, Relu, R...> : Fuse<Specs<D..., NormRelu<Norm>>, R...> {};
template <class... D, class Norm, class C, class... R>
    requires(is_norm<Norm> && is_conv<C>)
struct Fuse<Specs<D...>, Norm, Relu, C, R...> : Fuse<Specs<D..., NormReluConv<Norm, typename C::Settled>>, R...> {};
// clang-format on

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA
