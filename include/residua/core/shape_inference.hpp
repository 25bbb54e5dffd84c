// Shape inference: the one definition of every shape. It runs on values, before anything is bound to memory or kernels.
//
//   spec        shape-free, what a user writes: Conv<16>, Sequence<...>, Unit<...>
//   inference   inferred<Spec, In>: output and stride, or one fault with its place
//   binding     At<Spec, In, K>: memory and functions for one input and one kernel policy; only after inference succeeded
//
// A leaf says its shape once, in `static constexpr Outcome output(Shape)`; a composite once, in `infer<In>()`.
#pragma once

#include <residua/core/fault.hpp>

#include <concepts>

namespace residua::inline RESIDUA_ISA {

// What flows from layer to layer: a shape, and whether a residual addition has been made upstream. The second decides alone
// which unit is the network's first.
struct Signal {
    int channels = 0;
    int height = 1;
    int width = 1;
    bool summed = false;

    constexpr Signal() = default;
    constexpr Signal(Shape s, bool was_summed = false)
        : channels(s.channels), height(s.height), width(s.width), summed(was_summed) {}

    constexpr operator Shape() const { return {channels, height, width}; }
    constexpr Shape shape() const { return *this; }

    friend constexpr bool operator==(const Signal&, const Signal&) = default;
};

struct ShapeInference {
    Signal out{};
    int stride = 1;  // the product of the strides passed: with odd sizes the shapes alone do not tell it
    Fault fault = Fault::none;
    Shape first{};  // the two shapes of a fault
    Shape second{};
    Path where{};

    constexpr bool ok() const { return fault == Fault::none; }

    static constexpr ShapeInference failed(Fault what, Shape a, Shape b) {
        ShapeInference result;
        result.fault = what;
        result.first = a;
        result.second = b;
        return result;
    }

    // The same, seen from the composite in whose part `word number` it was found.
    constexpr ShapeInference inside(Word word, int number = 0) const {
        ShapeInference result = *this;
        if (!ok()) result.where.put_in_front({word, number});
        return result;
    }
};

// How a spec is called in a place; `item` if it does not say.
template <class Spec>
constexpr Word word_of() {
    if constexpr (requires { Spec::word; }) {
        return Spec::word;
    } else {
        return Word::item;
    }
}

template <class Spec>
constexpr int stride_of() {
    if constexpr (requires { Spec::stride; }) {
        return Spec::stride;
    } else {
        return 1;
    }
}

template <class Spec>
concept Leaf = requires(Shape s) {
    { Spec::output(s) } -> std::same_as<Outcome>;
};

template <class Spec, Signal In>
concept Composite = requires {
    { Spec::template infer<In>() } -> std::same_as<ShapeInference>;
};

// The kernel policy with which a leaf is asked whether it has all that a layer needs.
struct Probe {
    using Scalar = float;
    static constexpr int lanes = 1;
    template <auto>
    using Convolution = Probe;
};

template <class Spec, Signal In>
concept CompleteLeaf = Leaf<Spec> && requires {
    typename Spec::template At<In, Probe>;
} && Spec::template At<In, Probe>::template complete<typename Spec::template At<In, Probe>>;

template <class Spec, Signal In>
constexpr ShapeInference infer() {
    if constexpr (CompleteLeaf<Spec, In>) {
        constexpr Outcome outcome = Spec::output(In);
        if constexpr (outcome.fault != Fault::none) {
            return ShapeInference::failed(outcome.fault, outcome.shape, outcome.other);
        } else {
            ShapeInference result;
            result.out = Signal(outcome.shape, In.summed);
            result.stride = stride_of<Spec>();
            return result;
        }
    } else if constexpr (Composite<Spec, In>) {
        return Spec::template infer<In>();
    } else {
        return ShapeInference::failed(Fault::not_a_layer, In, In);
    }
}

// Memoised by the compiler: once for each distinct (spec, input), never once a unit.
template <class Spec, Signal In>
inline constexpr ShapeInference inferred = infer<Spec, In>();

// Through a class: as a plain alias it crashes g++ 12 where In depends on a template parameter.
template <class Spec, Signal In, class K>
struct Binding {
    using type = typename Spec::template At<In, K>;
};

// The layer that `Spec` is for an input and a kernel policy.
template <class Spec, Signal In, class K>
using At = typename Binding<Spec, In, K>::type;

}  // namespace residua::inline RESIDUA_ISA
