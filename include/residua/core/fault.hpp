// What can be wrong with a network, and where: values during shape inference, types in the one error message that follows.
#pragma once

#include <residua/core/shape.hpp>

namespace residua::inline RESIDUA_ISA {

// What is wrong.
enum class Fault { none, addition, repeat, kernel, number, not_a_layer, description };

// What a number in a spec is, so that an error can name it.
enum class Quantity {
    none,
    channels,
    height,
    width,
    filters,
    kernel,
    stride,
    padding,
    groups,
    ratio,
    option,  // its place, counted from 1
    outputs,
    units,
    depth,
    bottleneck,
    probability,
    survival,
    slope,
    layers,
    values,      // of an image or a tensor
    parameters,  // of a layer
    statistics,
    macs  // multiply-adds
};

// One that an error shows, under its name.
struct Number {
    Quantity what = Quantity::none;
    double value = 0;
};

// What a struct in a layer's place lacks.
enum class Missing {
    nothing,
    layer,      // it is none: neither output and At, nor infer and At
    bound,      // its At does not derive from Bound<Spec, In, K>
    forward,    // template <Mode, class Out> static void forward(const Frame<T>&, Input<T>, Out)
    backward,   // template <class Out> static void backward(const Frame<T>&, x, y, Gradient<T>, Out), where x and y are Input<T>
                // if reads_input and reads_output say so, and Unread if not
    stride,     // an output of other pixels than the input's (and more than one) says by which stride
    fans,       // a tensor of Role::weight has outputs and inputs, its first two dimensions
    rounding,   // its memory ends where no vector can begin: sizes but those of parameters and statistics go through rounded()
    ordering,   // a unit's first argument: Before, Between, After, AfterAddition
    weights,    // a unit's second argument: Basic, Bottleneck, Single, WeightLayers<...>
    output,     // static constexpr Outcome output(Shape)
    own_bound,  // a Bound of its own: its At derives from that of a layer with other shapes
    constants,  // extent, scratch, reads_input and its kin are static constexpr, of the types that they have in Bound
    describe,   // static constexpr void describe(Namer&)
    line,       // describe() says that the layer is there: namer.leaf(kind, In, Out)
    one_path,   // a layer of one input: this one sees F(x) too, and stands in a shortcut's Join
    two_paths,  // a layer that sees F(x) too: its At derives from BoundJoin<Spec, In, K>
    prepare,    // static void prepare(const Frame<T>&)
    known_member,  // a member's name is nearly, but not quite, one of the contract's
};

// Words for the steps of a place in a network.
enum class Word { item, conv, bn, linear, stage, unit, branch, shortcut };

// The steps as they appear in an error message. Types, not text: clang 14 prints characters of a template argument as numbers.
namespace place {
// clang-format off
template <int> struct item {};    // of a Sequence, counted from 0
template <int> struct conv {};    // counted from 1, as in names: conv1
template <int> struct bn {};      // bn1
template <int> struct linear {};  // fc
template <int> struct layer {};   // a stage: layer1
template <int> struct unit {};    // of a stage or Repeat, counted from 0
struct branch {};                 // F of y = h(x) + F(x)
struct shortcut {};               // h
// clang-format on
}  // namespace place

// Which of those that the word may mean.
struct PlaceStep {
    Word word = Word::item;
    int number = 0;
};

// A place relative to the spec it belongs to, outermost step first. Each composite puts its own step in front, so that a
// spec's faults do not depend on where it stands, and depth costs the compiler nothing.
struct Path {
    static constexpr int longest = 12;

    PlaceStep steps[longest]{};
    int length = 0;

    constexpr void put_in_front(PlaceStep step) {
        const int kept = length < longest ? length : longest - 1;  // too deep: the innermost step is dropped
        for (int i = kept; i > 0; --i) steps[i] = steps[i - 1];
        steps[0] = step;
        length = kept + 1;
    }
};

// What a layer answers to "what do you make of this shape?": a shape, or a fault with the number that shows it.
struct Outcome {
    Shape shape{};
    Fault fault = Fault::none;
    Number number{};

    constexpr Outcome(Shape out) : shape(out) {}
    constexpr Outcome(Shape given, Fault what, Number wrong) : shape(given), fault(what), number(wrong) {}

    // A number that is out of range.
    constexpr Outcome(Shape given, Number wrong) : shape(given), fault(Fault::number), number(wrong) {}
    constexpr Outcome(Shape given, Quantity what, double value) : Outcome(given, Number{what, value}) {}
};

// The first of a layer's sizes that is not in [least, largest_size].
struct SizeCheck {
    Number wrong{};

    constexpr SizeCheck& of(Quantity what, int value, int least = 1) {
        if (wrong.what == Quantity::none && (value < least || value > largest_size)) wrong = {what, static_cast<double>(value)};
        return *this;
    }
    constexpr SizeCheck& of(const Window& window) {
        return of(Quantity::kernel, window.size)
            .of(Quantity::stride, window.stride)
            .of(Quantity::padding, window.padding.before, 0)
            .of(Quantity::padding, window.padding.after, 0);
    }
    constexpr bool failed() const { return wrong.what != Quantity::none; }
};

}  // namespace residua::inline RESIDUA_ISA
