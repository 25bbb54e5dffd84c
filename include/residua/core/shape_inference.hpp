// Shape inference: the one definition of every shape. It runs on values, before anything is bound to memory or kernels.
//
//   spec        shape-free, what a user writes: Conv<16>, Sequence<...>, Unit<...>
//   inference   inferred<Spec, In>: output and stride, or one fault with its place
//   binding     At<Spec, In, K>: memory and functions for one input and one kernel policy; only after inference succeeded
//
// A leaf says its shape once, in `static constexpr Outcome output(Shape)`; a composite once, in `infer<In>()`.
#pragma once

#include <residua/core/fault.hpp>

#include <algorithm>
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

// The product of two strides, of which nobody asks beyond this bound.
constexpr int passed(int stride, int other) {
    return static_cast<int>(std::min(static_cast<long>(stride) * other, static_cast<long>(largest_size)));
}

// Can be named only with a constant: of any other expression a concept says no, where a variable would be an error.
template <auto>
struct Known {};

// A type as a value: the address of a mark of its own. An error that has it as a template argument prints the type. (A member:
// of a function's or a variable's template arguments clang 14 prints nothing.)
using TypeMark = const char*;
template <class T>
struct Given {
    static constexpr char type = 0;
};

// What a spec makes of an input: the output and what is known of the way to it; or a fault, and where it is.
struct ShapeInference {
    Signal out{};
    int stride = 1;  // the product of the strides passed: with odd sizes the shapes alone do not tell it
    Size layers = 0;
    bool sees_branch = false;  // F(x) beside x: a layer for a shortcut's Join

    Fault fault = Fault::none;
    Shape first{};  // the two shapes of a fault
    Shape second{};
    Number wrong{};
    Number expected{};
    TypeMark type = nullptr;  // what was given, and what it lacks
    Missing missing = Missing::nothing;
    Path where{};

    constexpr bool ok() const { return fault == Fault::none; }

    static constexpr ShapeInference failed(Fault what, Shape a, Shape b) {
        ShapeInference result;
        result.fault = what;
        result.first = a;
        result.second = b;
        return result;
    }
    static constexpr ShapeInference failed(Shape in, Number out_of_range) {
        ShapeInference result;
        result.fault = Fault::number;
        result.first = in;
        result.wrong = out_of_range;
        return result;
    }
    template <class G>
    static constexpr ShapeInference lacks(Missing what) {
        ShapeInference result;
        result.fault = Fault::not_a_layer;
        result.type = &Given<G>::type;
        result.missing = what;
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

// The kernel policy with which a leaf is asked whether it has all that a layer needs: sizes, and no kernels.
struct Probe {
    using Scalar = float;
    static constexpr int lanes = 1;
    template <auto>
    using Convolution = Probe;
    static constexpr Size packed = 0;
    static constexpr Size forward_scratch = 0;
    static constexpr Size forward_scratch_of_image = 0;
    static constexpr Size gradient_scratch = 0;
    static constexpr Size worker_bytes = 0;
    static constexpr Size worker_bytes_of_one = 0;
    static constexpr Size backward_worker_bytes = 0;
    static constexpr Size linear_scratch(Shape) { return 0; }
};

// A leaf, complete or not, that can be bound; Bound (layers/layer.hpp) knows how to look at it.
template <class Spec, Signal In>
concept BoundLeaf = Leaf<Spec> && requires {
    typename Spec::template At<In, Probe>;
    Spec::template At<In, Probe>::template review<typename Spec::template At<In, Probe>>();
};

namespace detail {

// Can what it says be known at compile time?
template <class Spec, Signal In>
concept SaysOutput = requires {
    typename Known<(static_cast<void>(Spec::output(In)), true)>;
};

// A leaf's own answer, and what has to hold of every one.
template <class Spec, Signal In>
constexpr ShapeInference infer_leaf() {
    constexpr Outcome outcome = Spec::output(In);
    ShapeInference result;
    result.out = Signal(outcome.shape, In.summed);
    result.stride = stride_of<Spec>();
    result.layers = 1;
    if constexpr (outcome.fault != Fault::none) {
        result.fault = outcome.fault;
        result.first = outcome.shape;
        result.wrong = outcome.number;
    } else if constexpr (!fits(outcome.shape)) {
        result.fault = Fault::number;
        result.first = In;
        result.wrong = {Quantity::values,
                        static_cast<double>(outcome.shape.channels) * outcome.shape.height * outcome.shape.width};
    } else {
        using Layer = typename Spec::template At<In, Probe>;
        constexpr auto review = Layer::template review<Layer>();
        result.sees_branch = Layer::sees_branch;
        constexpr bool says_stride = requires { Spec::stride; };
        constexpr bool keeps_pixels = outcome.shape.pixels() == In.shape().pixels();
        if constexpr (Layer::in.shape() != In.shape() || Layer::out.shape() != outcome.shape) {
            return ShapeInference::lacks<Spec>(Missing::own_bound);
        } else if constexpr (!says_stride && !keeps_pixels && outcome.shape.pixels() > 1) {
            return ShapeInference::lacks<Spec>(Missing::stride);
        } else if constexpr (review.missing != Missing::nothing) {
            return ShapeInference::lacks<Spec>(review.missing);
        } else if constexpr (review.described.value != review.extent.value) {
            result.fault = Fault::description;
            result.type = &Given<Spec>::type;
            result.wrong = review.described;
            result.expected = review.extent;
        }
    }
    return result;
}

}  // namespace detail

template <class Spec, Signal In>
constexpr ShapeInference infer() {
    if constexpr (Leaf<Spec> && !detail::SaysOutput<Spec, In>) {
        return ShapeInference::lacks<Spec>(Missing::output);
    } else if constexpr (BoundLeaf<Spec, In>) {
        return detail::infer_leaf<Spec, In>();
    } else if constexpr (Composite<Spec, In>) {
        return Spec::template infer<In>();
    } else if constexpr (Leaf<Spec> && requires { typename Spec::template At<In, Probe>; }) {
        return ShapeInference::lacks<Spec>(Missing::bound);
    } else {
        return ShapeInference::lacks<Spec>(Missing::layer);
    }
}

// Memoised by the compiler: once for each distinct (spec, input), never once a unit.
template <class Spec, Signal In>
inline constexpr ShapeInference inferred = infer<Spec, In>();

namespace detail {

// A leaf's output without its review, which looks at the bound layer that asks this.
template <class Spec, Signal In>
constexpr Signal output_of() {
    if constexpr (Leaf<Spec>) {
        return Signal(Spec::output(In).shape, In.summed);
    } else {
        return inferred<Spec, In>.out;
    }
}

}  // namespace detail

// Through a class: as a plain alias it crashes g++ 12 where In depends on a template parameter.
template <class Spec, Signal In, class K>
struct Binding {
    using type = typename Spec::template At<In, K>;
};

// The layer that `Spec` is for an input and a kernel policy.
template <class Spec, Signal In, class K>
using At = typename Binding<Spec, In, K>::type;

}  // namespace residua::inline RESIDUA_ISA
