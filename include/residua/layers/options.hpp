// Options of convolutions and poolings, by name and in any order: Conv<64, Kernel<7>, Stride<2>>, MaxPool<3, Stride<2>,
// Padding<1>>.
#pragma once

#include <residua/core/shape.hpp>

#include <initializer_list>

namespace residua::inline RESIDUA_ISA {

// Rows and columns of the window.
template <int Size_>
struct Kernel {};

// Pixels from one window to the next, down and across.
template <int By>
struct Stride {};

// Zeros around the image: rows and columns before the first, and after the last.
template <int Before, int After = Before>
struct Padding {
    constexpr operator Margins() const { return {Before, After}; }
};

// Input and output channels fall into so many groups of equal size, and an output sees its own group's inputs alone (ResNeXt,
// Xie et al. 2017; depthwise where every channel is a group). Weights are [Filters][In.channels / Count][Kernel][Kernel], as in
// PyTorch.
//
// Channels lie in blocks of a vector's lanes (16 floats on AVX-512, 8 on AVX2). Groups cost what they multiply if they are whole
// blocks, or as wide in as out and a block is whole groups. Others share blocks: the zeros between them are multiplied too (up to
// lanes / width times the products), and an infinity in one group gives NaN in those of its block.
template <int Count>
struct Groups {};

// Whether a convolution adds a bias, and what that starts from.
struct NoBias {};
template <Real Initial = Real(0)>
struct BiasFrom {};
using WithBias = BiasFrom<>;

// What the weights of a convolution start from: drawn by the rule of initialisation; or one from channel c to channel c in the
// window's middle (row and column Kernel / 2), as far as there are both, and zero elsewhere.
struct DrawnWeights {};
struct IdentityWeights {};

namespace detail {

enum class OptionKind { none, kernel, stride, padding, groups, bias, weights };

// An option as a value: so that lists of options are read by one function, compiled once.
struct Option {
    OptionKind kind = OptionKind::none;
    int number = 0;
    Margins margins = 0;
    bool has_bias = false;
    Real initial = 0;
    bool is_identity = false;
};

template <class O>
inline constexpr Option option{};
template <int Size_>
inline constexpr Option option<Kernel<Size_>>{.kind = OptionKind::kernel, .number = Size_};
template <int By>
inline constexpr Option option<Stride<By>>{.kind = OptionKind::stride, .number = By};
template <int Before, int After>
inline constexpr Option option<Padding<Before, After>>{.kind = OptionKind::padding, .margins = {Before, After}};
template <int Count>
inline constexpr Option option<Groups<Count>>{.kind = OptionKind::groups, .number = Count};
template <>
inline constexpr Option option<NoBias>{.kind = OptionKind::bias};
template <Real Initial>
inline constexpr Option option<BiasFrom<Initial>>{.kind = OptionKind::bias, .has_bias = true, .initial = Initial};
template <>
inline constexpr Option option<DrawnWeights>{.kind = OptionKind::weights};
template <>
inline constexpr Option option<IdentityWeights>{.kind = OptionKind::weights, .is_identity = true};

using Options = std::initializer_list<Option>;

constexpr Option said(Options options, OptionKind kind, Option otherwise) {
    for (const Option& each : options) {
        if (each.kind == kind) return each;
    }
    return otherwise;
}

// The number, from 1, of the first option that is none or is given for the second time; 0: all are well.
constexpr int wrong_option(Options options, std::initializer_list<OptionKind> known) {
    int position = 0;
    for (const Option& each : options) {
        ++position;
        bool is_known = false;
        for (const OptionKind kind : known) is_known = is_known || each.kind == kind;
        int before = 0;
        for (const Option& other : options) {
            if (&other == &each) break;
            before += other.kind == each.kind;
        }
        if (!is_known || before > 0) return position;
    }
    return 0;
}

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA
