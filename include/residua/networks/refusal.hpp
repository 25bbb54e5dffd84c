// The one error that a faulty network gives: a static_assert whose instantiation names the place and the two shapes.
#pragma once

#include <residua/core/shape_inference.hpp>

#include <concepts>
#include <utility>

namespace residua::inline RESIDUA_ISA {

namespace fault {

template <Word W, int N>
struct StepType {
    using type = place::item<N>;
};
// clang-format off
template <int N> struct StepType<Word::conv, N> { using type = place::conv<N>; };
template <int N> struct StepType<Word::bn, N> { using type = place::bn<N>; };
template <int N> struct StepType<Word::linear, N> { using type = place::linear<N>; };
template <int N> struct StepType<Word::stage, N> { using type = place::layer<N>; };
template <int N> struct StepType<Word::unit, N> { using type = place::unit<N>; };
template <int N> struct StepType<Word::branch, N> { using type = place::branch; };
template <int N> struct StepType<Word::shortcut, N> { using type = place::shortcut; };
// clang-format on

// A place, read from left to right: from the network inwards.
template <class... Steps>
struct At {};

template <const ShapeInference& I, class Index>
struct PlaceOf;
template <const ShapeInference& I, std::size_t... S>
struct PlaceOf<I, std::index_sequence<S...>> {
    using type = At<typename StepType<I.where.steps[S].word, I.where.steps[S].number>::type...>;
};

// (A comparison of the shapes would add a line to the error, which names them anyway.)
template <class>
inline constexpr bool never = false;

struct Nothing {};

template <class Where, Shape Branch, Shape Shortcut>
struct Addition {
    static_assert(never<Where>, "residua: branch and shortcut have different shapes and cannot be added");
};
template <class Where, Shape Input, Shape Output>
struct Repetition {
    static_assert(never<Where>, "residua: only a unit that keeps its shape can be repeated");
};
template <class Where, Shape Input, Shape FiltersKernelKernel>
struct Kernel {
    static_assert(never<Where>, "residua: the kernel is larger than the padded input");
};
template <class Where, Shape Input, Shape Given>
struct SizeOf {
    static_assert(never<Where>, "residua: a size here is zero, negative or too large");
};
template <class Where, Shape Input, Shape Filters>
struct Width {
    static_assert(never<Where>, "residua: the width of a bottleneck must be divisible by four");
};
template <class Where, Shape Input, Shape Same>
struct Number {
    static_assert(never<Where>, "residua: a number here is out of range (dropout: 0 <= p < 1; slope of a leaky ReLU: above 0)");
};
template <class Where, Shape Input, Shape Depth>
struct DepthOf {
    static_assert(
        never<Where>,
        "residua: no such depth (CIFAR: 6n+2, single 3n+2, bottleneck 9n+2, wide 6n+4; ImageNet: 18, 34, 50, 101, 152, 200, "
        "ResNeXt from 50 on)");
};
template <class Where, Shape Input, Shape FiltersGroups>
struct Grouping {
    static_assert(never<Where>, "residua: the number of groups must divide the input's channels and the filters");
};
template <class Where, Shape Input, Shape Position>
struct OptionAt {
    static_assert(never<Where>,
                  "residua: an option is unknown here or given twice (Conv: Kernel, Stride, Padding, Groups, WithBias, BiasFrom, "
                  "NoBias; pooling: Stride, Padding)");
};
template <class Where, Shape Input, Shape Same>
struct NotALayer {
    static_assert(never<Where>,
                  "residua: this is not a layer (a layer has output, and At with forward and backward), or no "
                  "ordering, weights or shortcut where a unit wants one");
};

// clang-format off
template <Fault F, class Where, Shape A, Shape B> struct Refusal { using type = Nothing; };
template <class W, Shape A, Shape B> struct Refusal<Fault::addition, W, A, B> { using type = Addition<W, A, B>; };
template <class W, Shape A, Shape B> struct Refusal<Fault::repeat, W, A, B> { using type = Repetition<W, A, B>; };
template <class W, Shape A, Shape B> struct Refusal<Fault::kernel, W, A, B> { using type = Kernel<W, A, B>; };
template <class W, Shape A, Shape B> struct Refusal<Fault::size, W, A, B> { using type = SizeOf<W, A, B>; };
template <class W, Shape A, Shape B> struct Refusal<Fault::width, W, A, B> { using type = Width<W, A, B>; };
template <class W, Shape A, Shape B> struct Refusal<Fault::number, W, A, B> { using type = Number<W, A, B>; };
template <class W, Shape A, Shape B> struct Refusal<Fault::depth, W, A, B> { using type = DepthOf<W, A, B>; };
template <class W, Shape A, Shape B> struct Refusal<Fault::groups, W, A, B> { using type = Grouping<W, A, B>; };
template <class W, Shape A, Shape B> struct Refusal<Fault::option, W, A, B> { using type = OptionAt<W, A, B>; };
template <class W, Shape A, Shape B> struct Refusal<Fault::not_a_layer, W, A, B> { using type = NotALayer<W, A, B>; };
// clang-format on

template <const ShapeInference& I>
using RefusalOf =
    typename Refusal<I.fault, typename PlaceOf<I, std::make_index_sequence<I.where.length>>::type, I.first, I.second>::type;

}  // namespace fault

// A constant of a network that was refused. It agrees with whatever is asked of it, so that a program's own static_asserts
// about the network do not add to the one error that matters.
struct Unknown {
    constexpr Unknown() = default;
    constexpr explicit Unknown(bool) {}

    template <class T>
    constexpr operator T() const {
        return T{};
    }

    friend constexpr bool operator==(Unknown, Unknown) { return true; }
    template <class T>
    friend constexpr bool operator==(Unknown, const T&) {
        return true;
    }

// Each operator with an unknown on the left, and with one on the right alone.
#define RESIDUA_UNKNOWN_OPERATOR(result, symbol)                 \
    template <class T>                                           \
    friend constexpr result operator symbol(Unknown, const T&) { \
        return result(true);                                     \
    }                                                            \
    template <class T>                                           \
        requires(!std::derived_from<T, Unknown>)                 \
    friend constexpr result operator symbol(const T&, Unknown) { return result(true); }
    RESIDUA_UNKNOWN_OPERATOR(bool, <)
    RESIDUA_UNKNOWN_OPERATOR(bool, >)
    RESIDUA_UNKNOWN_OPERATOR(bool, <=)
    RESIDUA_UNKNOWN_OPERATOR(bool, >=)
    RESIDUA_UNKNOWN_OPERATOR(Unknown, +)
    RESIDUA_UNKNOWN_OPERATOR(Unknown, -)
    RESIDUA_UNKNOWN_OPERATOR(Unknown, *)
    RESIDUA_UNKNOWN_OPERATOR(Unknown, /)
    RESIDUA_UNKNOWN_OPERATOR(Unknown, %)
    RESIDUA_UNKNOWN_OPERATOR(Unknown, >>)
    RESIDUA_UNKNOWN_OPERATOR(Unknown, <<)
#undef RESIDUA_UNKNOWN_OPERATOR
};

// The same for a shape: what programs ask of one is there.
struct UnknownShape : Unknown {
    static constexpr Unknown channels{};
    static constexpr Unknown height{};
    static constexpr Unknown width{};

    constexpr Unknown pixels() const { return {}; }
    constexpr Unknown size() const { return {}; }
    constexpr operator Shape() const { return Shape{1}; }
};

}  // namespace residua::inline RESIDUA_ISA
