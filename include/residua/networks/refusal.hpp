// The one error that a faulty network gives: a static_assert whose instantiation names the place, and what does not fit there.
#pragma once

#include <residua/core/shape_inference.hpp>
#include <residua/networks/fault_names.hpp>

namespace residua::inline RESIDUA_ISA {

namespace fault {

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
template <class Where, Shape Input, class Given>
struct Kernel {
    static_assert(never<Where>, "residua: the kernel is larger than the padded input");
};

// A number out of range; the primary is for sizes.
template <Quantity Q, class Where, Shape Input, class Given>
struct OutOfRange {
    static_assert(never<Where>,
                  "residua: a size here is zero, negative or too large (above 2^24; padding: above half of a pooling)");
};
template <class Where, Shape Input, class Given>
struct OutOfRange<Quantity::width, Where, Input, Given> {
    static_assert(
        never<Where>,
        "residua: a shape is Shape{channels, height, width}, each from 1 to 2^24; a size here is zero, negative or too large");
};
template <class Where, Shape Input, class Given>
struct OutOfRange<Quantity::bottleneck, Where, Input, Given> {
    static_assert(never<Where>, "residua: the width of a bottleneck must be divisible by four");
};
template <class Where, Shape Input, class Given>
struct OutOfRange<Quantity::depth, Where, Input, Given> {
    static_assert(never<Where>,
                  "residua: no such depth (CIFAR: 6n+2, single 3n+2, bottleneck 9n+2, wide 6n+4; ImageNet: 18, 34, 50, 101, 152, "
                  "200, ResNeXt from 50 on)");
};
template <class Where, Shape Input, class Given>
struct OutOfRange<Quantity::groups, Where, Input, Given> {
    static_assert(never<Where>,
                  "residua: the number of groups must divide the input's channels and the filters (IdentityWeights: one group)");
};
template <class Where, Shape Input, class Given>
struct OutOfRange<Quantity::option, Where, Input, Given> {
    static_assert(never<Where>,
                  "residua: an option is unknown here or given twice (Conv: Kernel, Stride, Padding, Groups, WithBias, BiasFrom, "
                  "NoBias, DrawnWeights, IdentityWeights; pooling: Stride, Padding)");
};
template <class Where, Shape Input, class Given>
struct OutOfRange<Quantity::probability, Where, Input, Given> {
    static_assert(never<Where>, "residua: a number here is out of range (a probability: 0 <= p < 1)");
};
template <class Where, Shape Input, class Given>
struct OutOfRange<Quantity::survival, Where, Input, Given> {
    static_assert(never<Where>, "residua: a number here is out of range (a probability to survive: 0 < p <= 1)");
};
template <class Where, Shape Input, class Given>
struct OutOfRange<Quantity::slope, Where, Input, Given> {
    static_assert(never<Where>, "residua: a number here is out of range (the slope of a leaky ReLU: above 0)");
};
template <class Where, Shape Input, class Given>
struct OutOfRange<Quantity::layers, Where, Input, Given> {
    static_assert(never<Where>, "residua: more layers than any machine can hold (2^18)");
};
template <class Where, Shape Input, class Given>
struct OutOfRange<Quantity::values, Where, Input, Given> {
    static_assert(never<Where>, "residua: an image or a tensor here is larger than any machine can hold (2^34 values)");
};

// The type that was given (the argument of `Given`), and what it lacks.
template <Missing What, class Where, TypeMark Type>
struct NotALayer {
    static_assert(never<Where>,
                  "residua: this is not a layer (a leaf has output, and At, derived from Bound; a composite infer, and At)");
};
template <class Where, TypeMark Type>
struct NotALayer<Missing::bound, Where, Type> {
    static_assert(never<Where>, "residua: this is not a layer: its At does not derive from Bound<Itself, In, K>");
};
template <class Where, TypeMark Type>
struct NotALayer<Missing::forward, Where, Type> {
    static_assert(never<Where>,
                  "residua: this is not a layer: it has no template <Mode, class Out> static void forward(const Frame<T>& f, "
                  "Input<T> x, Out y) (a join: x, const T* branch, y)");
};
template <class Where, TypeMark Type>
struct NotALayer<Missing::backward, Where, Type> {
    static_assert(never<Where>,
                  "residua: this is not a layer: it has no template <class Out> static void backward(const Frame<T>& f, x, y, "
                  "Gradient<T> dy, Out dx), where x is Input<T> if reads_input is true and Unread if not, and y likewise with "
                  "reads_output (a join: x, const T* branch, dy, T* dbranch, dx)");
};
template <class Where, TypeMark Type>
struct NotALayer<Missing::stride, Where, Type> {
    static_assert(never<Where>,
                  "residua: a layer whose output has other pixels than its input says its stride (static constexpr int)");
};
template <class Where, TypeMark Type>
struct NotALayer<Missing::fans, Where, Type> {
    static_assert(
        never<Where>,
        "residua: a tensor of Role::weight has two dimensions or more, outputs and inputs first (else: Role::parameter)");
};
template <class Where, TypeMark Type>
struct NotALayer<Missing::rounding, Where, Type> {
    static_assert(
        never<Where>,
        "residua: a layer's memory (prepared, fixed, saved, scratch) is asked for in rounded() sizes, so that what lies "
        "behind it is aligned");
};
template <class Where, TypeMark Type>
struct NotALayer<Missing::ordering, Where, Type> {
    static_assert(never<Where>, "residua: this is not an ordering (Before, Between, After, AfterAddition; see Ordering)");
};
template <class Where, TypeMark Type>
struct NotALayer<Missing::weights, Where, Type> {
    static_assert(
        never<Where>,
        "residua: these are not the weight layers of a unit (Basic, Bottleneck, Single or WeightLayers<...> of one or more)");
};
template <class Where, TypeMark Type>
struct NotALayer<Missing::output, Where, Type> {
    static_assert(never<Where>,
                  "residua: expected static constexpr Outcome output(Shape) in this layer, found one that is not constexpr");
};
template <class Where, TypeMark Type>
struct NotALayer<Missing::own_bound, Where, Type> {
    static_assert(
        never<Where>,
        "residua: expected Bound<Spec, In, K> of this layer as the base of its At, found that of a layer with other shapes");
};
template <class Where, TypeMark Type>
struct NotALayer<Missing::constants, Where, Type> {
    static_assert(never<Where>,
                  "residua: expected static constexpr members in this layer, of the types that Bound has: Extent extent, "
                  "Need forward_scratch<Mode, bool> and backward_scratch<bool>, bool reads_input, ...");
};
template <class Where, TypeMark Type>
struct NotALayer<Missing::describe, Where, Type> {
    static_assert(never<Where>, "residua: expected static constexpr void describe(Namer&) in this layer, found another form");
};
template <class Where, TypeMark Type>
struct NotALayer<Missing::line, Where, Type> {
    static_assert(
        never<Where>,
        "residua: expected this layer's describe(Namer& namer) to say that it is there: namer.leaf(kind, In, Out), found "
        "that it says nothing");
};
template <class Where, TypeMark Type>
struct NotALayer<Missing::one_path, Where, Type> {
    static_assert(never<Where>,
                  "residua: expected a layer of one input, found one that sees F(x) too, as a shortcut's Join does");
};
template <class Where, TypeMark Type>
struct NotALayer<Missing::two_paths, Where, Type> {
    static_assert(
        never<Where>,
        "residua: expected a layer that sees F(x) too (its At derives from BoundJoin) as a shortcut's Join, found another");
};
template <class Where, TypeMark Type>
struct NotALayer<Missing::prepare, Where, Type> {
    static_assert(never<Where>, "residua: expected static void prepare(const Frame<T>&) in this layer, found another form");
};
template <class Where, TypeMark Type>
struct NotALayer<Missing::known_member, Where, Type> {
    static_assert(never<Where>,
                  "residua: a member here has nearly, but not quite, a name or a form that is known (layers/layer.hpp, "
                  "units/shortcut.hpp): misspelt, it would be ignored");
};

template <class Where, TypeMark Type, class Described, class Extent>
struct Description {
    static_assert(never<Where>, "residua: the tensors that a layer describes hold another number of values than its extent says");
};
template <class Where, TypeMark Type, long Described, long Said>
struct Description<Where, Type, number::macs<Described>, number::macs<Said>> {
    static_assert(never<Where>,
                  "residua: what a layer describes has another number of multiply-adds than its totals say (Totals: those of the "
                  "layers inside it, added up)");
};

// clang-format off
template <Fault F, const ShapeInference& I> struct Refusal { using type = Nothing; };
template <const ShapeInference& I> struct Refusal<Fault::addition, I> { using type = Addition<Where<I>, I.first, I.second>; };
template <const ShapeInference& I> struct Refusal<Fault::repeat, I> { using type = Repetition<Where<I>, I.first, I.second>; };
template <const ShapeInference& I> struct Refusal<Fault::kernel, I> { using type = Kernel<Where<I>, I.first, NumberOf<I.wrong>>; };
template <const ShapeInference& I> struct Refusal<Fault::number, I> { using type = OutOfRange<I.wrong.what, Where<I>, I.first, NumberOf<I.wrong>>; };
template <const ShapeInference& I> struct Refusal<Fault::not_a_layer, I> { using type = NotALayer<I.missing, Where<I>, I.type>; };
template <const ShapeInference& I> struct Refusal<Fault::description, I> { using type = Description<Where<I>, I.type, NumberOf<I.wrong>, NumberOf<I.expected>>; };
// clang-format on

template <const ShapeInference& I>
using RefusalOf = typename Refusal<I.fault, I>::type;

}  // namespace fault

}  // namespace residua::inline RESIDUA_ISA
