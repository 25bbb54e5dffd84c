// The one error that a faulty network gives: a static_assert whose instantiation names the place, and what does not fit there.
#pragma once

#include <residua/core/shape_inference.hpp>

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

// The numbers of an error, each under its own name.
namespace number {
// clang-format off
template <long> struct channels {};
template <long> struct height {};
template <long> struct width {};
template <long> struct filters {};
template <long> struct kernel {};
template <long> struct stride {};
template <long> struct padding {};
template <long> struct groups {};
template <long> struct ratio {};            // channels to hidden ones
template <long> struct option {};           // its place in the list, from 1
template <long> struct outputs {};
template <long> struct units {};            // of a Repeat or a Stage
template <long> struct depth {};
template <long> struct bottleneck {};       // its filters
template <Real> struct probability {};
template <Real> struct survival {};
template <Real> struct slope {};
template <long> struct layers {};
template <Real> struct values {};           // of an image or a tensor
template <long> struct parameters {};
template <long> struct statistics {};
template <long> struct macs {};             // multiply-adds
struct none {};
// clang-format on
}  // namespace number

template <Quantity Q, Real N>
struct NumberType {
    using type = number::none;
};
// clang-format off
template <Real N> struct NumberType<Quantity::channels, N> { using type = number::channels<static_cast<long>(N.value)>; };
template <Real N> struct NumberType<Quantity::height, N> { using type = number::height<static_cast<long>(N.value)>; };
template <Real N> struct NumberType<Quantity::width, N> { using type = number::width<static_cast<long>(N.value)>; };
template <Real N> struct NumberType<Quantity::filters, N> { using type = number::filters<static_cast<long>(N.value)>; };
template <Real N> struct NumberType<Quantity::kernel, N> { using type = number::kernel<static_cast<long>(N.value)>; };
template <Real N> struct NumberType<Quantity::stride, N> { using type = number::stride<static_cast<long>(N.value)>; };
template <Real N> struct NumberType<Quantity::padding, N> { using type = number::padding<static_cast<long>(N.value)>; };
template <Real N> struct NumberType<Quantity::groups, N> { using type = number::groups<static_cast<long>(N.value)>; };
template <Real N> struct NumberType<Quantity::ratio, N> { using type = number::ratio<static_cast<long>(N.value)>; };
template <Real N> struct NumberType<Quantity::option, N> { using type = number::option<static_cast<long>(N.value)>; };
template <Real N> struct NumberType<Quantity::outputs, N> { using type = number::outputs<static_cast<long>(N.value)>; };
template <Real N> struct NumberType<Quantity::units, N> { using type = number::units<static_cast<long>(N.value)>; };
template <Real N> struct NumberType<Quantity::depth, N> { using type = number::depth<static_cast<long>(N.value)>; };
template <Real N> struct NumberType<Quantity::bottleneck, N> { using type = number::bottleneck<static_cast<long>(N.value)>; };
template <Real N> struct NumberType<Quantity::probability, N> { using type = number::probability<N>; };
template <Real N> struct NumberType<Quantity::survival, N> { using type = number::survival<N>; };
template <Real N> struct NumberType<Quantity::slope, N> { using type = number::slope<N>; };
template <Real N> struct NumberType<Quantity::layers, N> { using type = number::layers<static_cast<long>(N.value)>; };
template <Real N> struct NumberType<Quantity::values, N> { using type = number::values<N>; };
template <Real N> struct NumberType<Quantity::parameters, N> { using type = number::parameters<static_cast<long>(N.value)>; };
template <Real N> struct NumberType<Quantity::statistics, N> { using type = number::statistics<static_cast<long>(N.value)>; };
template <Real N> struct NumberType<Quantity::macs, N> { using type = number::macs<static_cast<long>(N.value)>; };
// clang-format on

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

template <const ShapeInference& I>
using Where = typename PlaceOf<I, std::make_index_sequence<static_cast<Size>(I.where.length)>>::type;
template <residua::Number N>
using NumberOf = typename NumberType<N.what, Real(N.value)>::type;

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
