// Where the activations of a residual unit stand (He et al. 2016, section 4 and figure 4).
#pragma once

#include <residua/layers/activation.hpp>
#include <residua/layers/batch_norm.hpp>
#include <residua/layers/sequence.hpp>

#include <concepts>
#include <type_traits>

namespace residua::inline RESIDUA_ISA {

// An activation ordering is four lists of layers around a unit's weight layers W1, W2, ...:
//
//     x ──┬── Before ── W1 ── Between ── W2 ── After ──(+)── AfterAddition ──
//         └────────────────── shortcut ─────────────────┘
//
// Each is any layer, a Sequence of layers, or None. Everything else that a network needs follows from them:
//   Stem<W>   the network's first weight layer W, which ends as a unit does
//   Final     what stands between the last unit and the pooling: the `Before` of a unit that never comes
template <class Before_, class Between_, class After_, class AfterAddition_>
struct Ordering {
    using Before = Before_;
    using Between = Between_;
    using After = After_;
    using AfterAddition = AfterAddition_;

    // A pre-activation ordering: figure 4 (d) and (e).
    static constexpr bool activates_first = !std::is_same_v<Before, None>;

    // With nothing after the addition the signal passes from unit to unit unchanged: equation (3).
    static constexpr bool keeps_identity = std::is_same_v<AfterAddition, None>;

    template <class W>
    using Stem = Sequence<W, After, AfterAddition>;
    using Final = Before;
};

namespace detail {

template <class O>
concept IsOrdering = requires {
    typename O::Before;
    typename O::Between;
    typename O::After;
    typename O::AfterAddition;
    { O::activates_first } -> std::convertible_to<bool>;
};

// A struct that is made of a list of layers: struct Activation : Sequence<BatchNorm<>, Relu> {}.
template <class L>
concept IsNamedList = requires {
    typename L::Definition;
}
&&!std::is_same_v<L, typename L::Definition>;

// The first normalisation of a list of layers, or None. (BatchNorm is one, and whatever says that it is a bn.)
template <class L>
struct NormIn {
    using type = std::conditional_t<word_of<L>() == Word::bn, L, None>;
};
template <class L, class... Ls>
struct NormIn<Flat<L, Ls...>> {
    using First = typename NormIn<L>::type;
    using type = typename std::conditional_t<std::is_same_v<First, None>, NormIn<Flat<Ls...>>, NormIn<First>>::type;
};
template <IsNamedList L>
struct NormIn<L> : NormIn<typename L::Definition> {};

// An ordering's own, epsilon and all, or None: what stands in a unit beside its lists is normalised as they are.
template <class Order>
using NormOf = typename NormIn<
    Flat<typename Order::After, typename Order::AfterAddition, typename Order::Between, typename Order::Before>>::type;

// A network's parts that belong to its ordering. Of what is no ordering they are such that nothing is said twice: its first unit
// refuses it.
template <class Order, class W>
struct OrderedParts {
    using Stem = W;
    using Final = None;
    using Norm = None;
    static constexpr bool activates_first = false;
};
template <class Order, class W>
    requires IsOrdering<Order>
struct OrderedParts<Order, W> {
    using Stem = typename Order::template Stem<W>;
    using Final = typename Order::Final;
    using Norm = NormOf<Order>;
    static constexpr bool activates_first = Order::activates_first;
};
template <class Order, class W>
using StemOf = typename OrderedParts<Order, W>::Stem;
template <class Order>
using FinalOf = typename OrderedParts<Order, None>::Final;

}  // namespace detail

using BatchNormRelu = Sequence<BatchNorm<>, Relu>;

// The paper's five, with ResNet-110's test error on CIFAR-10 (table 2). (Structs, so that a network's type stays short.)
// clang-format off
//                                  Before         Between        After          AfterAddition              110
struct Original           : Ordering<None,          BatchNormRelu, BatchNorm<>,   Relu>          {};  // (a)  6.61
struct BnAfterAddition    : Ordering<None,          BatchNormRelu, None,          BatchNormRelu> {};  // (b)  8.17
struct ReluBeforeAddition : Ordering<None,          BatchNormRelu, BatchNormRelu, None>          {};  // (c)  7.84
struct ReluPreActivation  : Ordering<Relu,          BatchNormRelu, BatchNorm<>,   None>          {};  // (d)  6.71
struct PreActivation      : Ordering<BatchNormRelu, BatchNormRelu, None,          None>          {};  // (e)  6.37
// clang-format on

// (a) and (e) without batch normalisation. Every unit doubles a signal's variance then: deep networks want branches that start
// small (LearnedScale).
struct OriginalWithoutBatchNorm : Ordering<None, Relu, None, Relu> {};
struct PreActivationWithoutBatchNorm : Ordering<Relu, Relu, None, None> {};

}  // namespace residua::inline RESIDUA_ISA
