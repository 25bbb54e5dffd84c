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

        template <Mode M, bool Accumulates>
        static constexpr Need forward_scratch = M == Mode::inference ? Need{}
                                                                     : max(Normaliser::moments_scratch,
                                                                           Convolution::template forward_scratch<M, Accumulates>);

        // Scratch of backward, an image: the sums, then dA, the gradient of the activated signal, unless it fits where dx goes.
        static constexpr Size activated = rounded(Normaliser::image);
        template <bool Accumulates>
        static constexpr Need backward_scratch{
            std::max(Normaliser::gradient_scratch.fixed, Convolution::template backward_scratch<false>.fixed),
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
            const auto coefficients = Normaliser::of_batch(f);
            const Frame<T> convolution = f.at(Normaliser::extent);
            T* activated_gradient = Out::accumulates ? f.scratch + f.all(Normaliser::gradient_scratch.image) : dx.data;
            Convolution::template gradients<false>(convolution, {x.data, coefficients.scale, coefficients.shift}, dy,
                                                   activated_gradient);
            Normaliser::template backward<true, Out::accumulates>(f, x.data, activated_gradient, dx.data);
        }

        static constexpr void describe(Namer& namer) {
            Normaliser::describe(namer);
            namer.leaf(Relu::kind, In, In);
            Convolution::describe(namer);
        }
    };
};

namespace detail {

template <class Spec>
inline constexpr bool is_norm = false;
template <Real Epsilon, Real Momentum, bool Affine, Real Bias>
inline constexpr bool is_norm<BatchNorm<Epsilon, Momentum, Affine, Bias>> = true;

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
