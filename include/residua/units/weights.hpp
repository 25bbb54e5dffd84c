// The weight layers of a residual unit.
#pragma once

#include <residua/layers/conv.hpp>

namespace residua::inline RESIDUA_ISA {

// Any list of layers with trained parameters; an ordering puts its activations around them.
template <class... W>
struct WeightLayers {
    using List = WeightLayers;
};

// Two 3x3 convolutions; the first takes the stride `By`.
template <int Filters, int By = 1>
struct Basic : WeightLayers<Conv<Filters, Stride<By>>, Conv<Filters>> {};

// One 3x3 convolution: the paper's units with a one-layer skip (table 3).
template <int Filters, int By = 1>
struct Single : WeightLayers<Conv<Filters, Stride<By>>> {};

// Which convolution of a bottleneck takes the stride: the paper's code has it in the first 1x1, later ones in the 3x3.
enum class StrideIn { the3x3, first1x1 };

// 1x1 to a quarter of the width, 3x3, 1x1 to the full width of Filters, which four must divide.
template <int Filters, int By = 1, StrideIn Where = StrideIn::the3x3>
struct Bottleneck : WeightLayers<Conv<Filters / 4, Kernel<1>, Stride<Where == StrideIn::first1x1 ? By : 1>>,
                                 Conv<Filters / 4, Stride<Where == StrideIn::the3x3 ? By : 1>>, Conv<Filters, Kernel<1>>> {
    static constexpr bool divides = Filters % 4 == 0;
    static constexpr int filters = Filters;
};

// 1x1 to Cardinality times Width channels, 3x3 in Cardinality groups of Width, 1x1 to Filters: the aggregated transformations of
// Xie et al. 2017 (figure 3 (c)).
template <int Filters, int By, int Cardinality, int Width>
struct GroupedBottleneck : WeightLayers<Conv<Cardinality * Width, Kernel<1>>,
                                        Conv<Cardinality * Width, Stride<By>, Groups<Cardinality>>, Conv<Filters, Kernel<1>>> {};

namespace detail {

template <class List>
inline constexpr bool is_weight_layers = false;
template <class W, class... Ws>
inline constexpr bool is_weight_layers<WeightLayers<W, Ws...>> = true;

template <class W>
concept IsWeights = requires {
    typename W::List;
}
&&is_weight_layers<typename W::List>;

// A struct, not an alias, says whether its width divides: an alias could not report it with its place.
template <class W>
constexpr bool divides() {
    if constexpr (requires { W::divides; }) {
        return W::divides;
    } else {
        return true;
    }
}

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA
