// What can be wrong with a network, and where: values during shape inference, types in the one error message that follows.
#pragma once

#include <residua/core/shape.hpp>

namespace residua::inline RESIDUA_ISA {

enum class Fault { none, addition, repeat, kernel, size, width, number, depth, groups, option, not_a_layer };

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

// What a layer answers to "what do you make of this shape?": a shape, or a fault and the two shapes that show it.
struct Outcome {
    Shape shape{};
    Fault fault = Fault::none;
    Shape other{};

    constexpr Outcome(Shape out) : shape(out) {}
    constexpr Outcome(Fault what, Shape given, Shape wanted) : shape(given), fault(what), other(wanted) {}
};

}  // namespace residua::inline RESIDUA_ISA
