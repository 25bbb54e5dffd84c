// What the error of a faulty network names, as types that a compiler prints: the place, and the numbers.
#pragma once

#include <residua/core/shape_inference.hpp>

#include <utility>

namespace residua::inline RESIDUA_ISA::fault {

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

template <const ShapeInference& I>
using Where = typename PlaceOf<I, std::make_index_sequence<static_cast<Size>(I.where.length)>>::type;
template <residua::Number N>
using NumberOf = typename NumberType<N.what, Real(N.value)>::type;

}  // namespace residua::inline RESIDUA_ISA::fault
