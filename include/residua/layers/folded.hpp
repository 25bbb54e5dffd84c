// How a network is bound for inference: what is known by then about a convolution's neighbours becomes part of it.
//
// Batch normalisation, a learned or a constant factor, and dropout behind a convolution are an affine map of each channel then:
// they become its weights and its bias. A ReLU behind them, or behind the addition that the convolution ends in, is done to
// results in registers. Batch normalisation and ReLU in front of a convolution are done while it loads, as in training.
#pragma once

#include <residua/kernels/conv/ending.hpp>
#include <residua/kernels/conv/winograd_windows.hpp>
#include <residua/layers/fused.hpp>

#include <algorithm>

namespace residua::inline RESIDUA_ISA {

// What a network's prepared weights are more than; what is comes from further away, for each image that is inferred alone.
enum class Exceeds { no_cache, second_level, last_level };

// So many bytes on a processor that shares them: a core has 1 to 2 MB of second level, and a few cores share 16 to 32 MB of last
// level with others' work. (The numbers are constants: a network's memory is the same on every processor.)
constexpr Exceeds exceeds(Size bytes) {
    constexpr Size mega = Size{1} << 20;
    return bytes > 8 * mega ? Exceeds::last_level : bytes > 2 * mega ? Exceeds::second_level : Exceeds::no_cache;
}

// The kernel policy K, under which layers are bound for inference alone, of a network whose prepared weights are so large. (A
// policy with `static constexpr bool folds = false` is left as it is: every layer runs as it was written.)
template <class K, Exceeds E>
struct Folding : K {
    template <kernels::ConvGeometry G>
    using Convolution =
        typename kernels::OfWindows<typename K::template Convolution<G>, E != Exceeds::no_cache, E == Exceeds::last_level>::type;
};

namespace detail {

template <class K>
inline constexpr bool folds = false;
template <class K, Exceeds E>
inline constexpr bool folds<Folding<K, E>> = true;

template <class K, Exceeds E>
struct ForInference {
    using type = Folding<K, E>;
};
template <class K, Exceeds E>
    requires requires { requires !K::folds; }
struct ForInference<K, E> {
    using type = K;
};

// In inference it is an affine map of each channel: its bound layer has channel_map.
template <class Spec>
concept AffineInInference = requires {
    requires Spec::affine_in_inference;
};

}  // namespace detail

// A convolution and the affine layers behind it, with a ReLU behind them if Rectified. Load: a BatchNorm whose results it reads
// through a ReLU, or void.
template <class Load, class ConvSpec, class AffineLayers, bool Rectified>
struct FoldedConv;

template <class Load, class ConvSpec, class... A, bool Rectified>
struct FoldedConv<Load, ConvSpec, detail::Specs<A...>, Rectified> {
    static constexpr Word word = Word::conv;
    static constexpr int stride = ConvSpec::stride;

    template <Signal In>
    static constexpr ShapeInference infer() {
        return inferred<ConvSpec, In>;
    }

    // What stands in front of a convolution that reads x as it is.
    struct NoLoad {
        static constexpr Extent extent{};
    };
    template <class Norm, Signal In, class K>
    struct NormaliserOf {
        using type = typename Norm::template Normaliser<In, K>;
    };
    template <Signal In, class K>
    struct NormaliserOf<void, In, K> {
        using type = NoLoad;
    };

    template <Signal In, class K>
    struct At : Bound<FoldedConv, In, K> {
        using T = typename K::Scalar;
        using Normaliser = typename NormaliserOf<Load, In, K>::type;
        using Written = residua::At<ConvSpec, In, K>;
        using Convolution = typename Written::Convolution;
        static constexpr Signal to = Written::out;
        static constexpr Shape out_shape = to;
        static constexpr Size filters = static_cast<Size>(out_shape.channels);
        static constexpr bool loads = !std::is_void_v<Load>;
        static constexpr bool shifts = Written::has_bias || sizeof...(A) > 0;

        // Prepared: what the load multiplies by and adds, then packed weights, then what is added to results.
        static constexpr Size packed = rounded(Convolution::packed);
        static constexpr Extent of_results{.prepared = rounded(static_cast<Size>(padded(out_shape.channels, K::lanes)))};
        static constexpr Extent affine_at = Normaliser::extent + Written::extent;
        static constexpr Extent extent = ((affine_at + of_results) + ... + residua::At<A, to, K>::extent);
        static constexpr Totals totals = Written::totals;
        static constexpr bool takes_addend = true;
        static constexpr bool takes_relu = !Rectified;

        template <Mode M, bool Accumulates>
        static constexpr Need forward_scratch = Written::template forward_scratch<M, Accumulates>;

        static void prepare(const Frame<T>& f) {
            if constexpr (loads) Normaliser::prepare(f);
            const Frame<T> conv = f.at(Normaliser::extent);
            if constexpr (shifts) fold(conv, f.at(affine_at));
            Convolution::pack(*f.team, conv.parameters, conv.prepared);
            f.need_no_more(f.parameters, extent.parameters);
        }

        template <Mode M, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            static_assert(M == Mode::inference);
            constexpr auto relu = Out::rectifies ? kernels::Rectify::after_sum
                                  : Rectified    ? kernels::Rectify::before_sum
                                                 : kernels::Rectify::nowhere;
            kernels::ConvInput<T> input{x.data};
            if constexpr (loads) {
                const auto coefficients = Normaliser::template coefficients<M>(f, x);
                input = {x.data, coefficients.scale, coefficients.shift};
            }
            const T* weights = f.at(Normaliser::extent).prepared;
            const T* bias = shifts ? weights + packed : nullptr;
            Convolution::template forward<Out::accumulates, relu>(*f.team, f.n, input, weights, bias, y.data,
                                                                  Written::kernel_scratch(f), nullptr, y.addend);
        }

    private:
        // The weights, which are the engine's own, and what is added to results. (Products in double, rounded once.)
        static void fold(const Frame<T>& conv, const Frame<T>& affine) {
            constexpr Size of_filter = Written::weights / filters;
            T* weights = const_cast<T*>(conv.parameters);
            T* bias = conv.prepared + packed;
            std::fill_n(bias, of_results.prepared, T(0));
            for (Size c = 0; c < filters; ++c) {
                ChannelMap whole{1, Written::has_bias ? static_cast<double>(Written::bias(conv)[c]) : 0};
                [[maybe_unused]] Extent at{};  // (of no affine layers)
                (whole.then(residua::At<A, to, K>::channel_map(affine.at(advance<residua::At<A, to, K>>(at)), c)), ...);
                for (T* w = weights + c * of_filter; w != weights + (c + 1) * of_filter; ++w) {
                    *w = simd::flushed(T(static_cast<double>(*w) * whole.scale));
                }
                bias[c] = simd::flushed(T(whole.shift));
            }
        }
        // Where the next layer stands.
        template <class Layer>
        static Extent advance(Extent& at) {
            const Extent here = at;
            at = at + Layer::extent;
            return here;
        }
    };
};

namespace detail {

// The same layers with neighbours folded where they can be.
template <class Done, class... Todo>
struct Fold;
template <class Done, class Load, class C, class Affine, class... Todo>
struct FoldConv;
template <class... D>
struct Fold<Specs<D...>> {
    using type = Specs<D...>;
};
template <class... D, class L, class... R>
struct Fold<Specs<D...>, L, R...> : Fold<Specs<D..., L>, R...> {};
// clang-format off
template <class... D, class C, class... R>
    requires is_conv<C>
struct Fold<Specs<D...>, C, R...> : FoldConv<Specs<D...>, void, typename C::Settled, Specs<>, R...> {};
template <class... D, class Norm, class... R>
    requires is_norm<Norm>
struct Fold<Specs<D...>, Norm, Relu, R...> : Fold<Specs<D..., NormRelu<Norm>>, R...> {};
template <class... D, class Norm, class C, class... R>
    requires(is_norm<Norm> && is_conv<C>)
struct Fold<Specs<D...>, Norm, Relu, C, R...> : FoldConv<Specs<D...>, Norm, typename C::Settled, Specs<>, R...> {};
template <class... D, class L, class... R>
    requires requires { typename L::Rectified; }
struct Fold<Specs<D...>, L, Relu, R...> : Fold<Specs<D..., typename L::Rectified>, R...> {};

// What follows a convolution: affine layers, and a ReLU.
template <class... D, class Load, class C, class... A, class... R>
struct FoldConv<Specs<D...>, Load, C, Specs<A...>, R...> : Fold<Specs<D..., FoldedConv<Load, C, Specs<A...>, false>>, R...> {};
template <class... D, class Load, class C, class... A, class... R>
struct FoldConv<Specs<D...>, Load, C, Specs<A...>, Relu, R...>
    : Fold<Specs<D..., FoldedConv<Load, C, Specs<A...>, true>>, R...> {};
template <class... D, class Load, class C, class... A, AffineInInference Next, class... R>
struct FoldConv<Specs<D...>, Load, C, Specs<A...>, Next, R...> : FoldConv<Specs<D...>, Load, C, Specs<A..., Next>, R...> {};
// clang-format on

// The layers of a Sequence as they are bound under K.
template <class K, class... L>
using Neighbours = typename std::conditional_t<folds<K>, Fold<Specs<>, L...>, Fuse<Specs<>, L...>>::type;

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA
