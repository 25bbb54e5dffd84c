// The paper's networks for ImageNet: 18, 34 (basic units), 50, 101, 152, 200 (bottlenecks), original and full pre-activation; and
// ResNeXt.
#pragma once

#include <residua/networks/network.hpp>

#include <array>
#include <type_traits>

namespace residua::inline RESIDUA_ISA {

namespace imagenet {

inline constexpr Shape image{3, 224, 224};

// Units in each of the four stages, and which kind.
struct Table {
    bool bottleneck = false;
    std::array<int, 4> units{};
};

// He et al. 2015, table 1; 200 is He et al. 2016's: 16 more units at 28x28 than 152.
constexpr Table table_of(int depth) {
    switch (depth) {
        case 18: return {false, {2, 2, 2, 2}};
        case 34: return {false, {3, 4, 6, 3}};
        case 50: return {true, {3, 4, 6, 3}};
        case 101: return {true, {3, 4, 23, 3}};
        case 152: return {true, {3, 8, 36, 3}};
        case 200: return {true, {3, 24, 36, 3}};
        default: return {};
    }
}

namespace detail {

// The weights of a unit whose stage is at `Base` channels: 64, 128, 256, 512.
struct BasicAt {
    template <int Base, int By>
    struct Weights : Basic<Base, By> {};
};
template <StrideIn Where>
struct BottleneckAt {
    template <int Base, int By>
    struct Weights : Bottleneck<4 * Base, By, Where> {};
};
template <int Cardinality, int Width>
struct GroupedAt {
    template <int Base, int By>
    struct Weights : GroupedBottleneck<4 * Base, By, Cardinality, Width * Base / 64> {};
};

// 7x7 convolution with BN and ReLU, then max pooling: so a pre-activated network's first unit finds its signal activated. The BN
// is the ordering's own, or BatchNorm<> if it has none.
template <class Norm>
using StemWith = Sequence<Conv<64, Kernel<7>, Stride<2>>, std::conditional_t<std::is_same_v<Norm, None>, BatchNorm<>, Norm>, Relu,
                          MaxPool<3, Stride<2>, Padding<1>>>;
template <class Order>
using Stem = StemWith<typename residua::detail::OrderedParts<Order, None>::Norm>;

// Where the network's first unit activates, and the others.
struct Splits {
    Split first = Split::as_in_the_paper;
    Split others = Split::as_in_the_paper;
};
template <class Order>
inline constexpr Splits paper_splits{
    .first = residua::detail::OrderedParts<Order, None>::activates_first ? Split::done_by_the_stem : Split::as_in_the_paper};

template <Table Of, class WeightsAt, class Order, class Shortcut, int Classes, class FirstLayers = Stem<Order>,
          Splits Where = paper_splits<Order>>
struct Stages {
    template <int Base, int By = 1, Split S = Where.others>
    using UnitOf = Unit<Order, typename WeightsAt::template Weights<Base, By>, Shortcut, S>;

    // clang-format off
    using type = Sequence<
        FirstLayers,
        Stage<Of.units[0], UnitOf<64, 1, Where.first>, UnitOf<64>>,
        Stage<Of.units[1], UnitOf<128, 2>, UnitOf<128>>,
        Stage<Of.units[2], UnitOf<256, 2>, UnitOf<256>>,
        Stage<Of.units[3], UnitOf<512, 2>, UnitOf<512>>,
        residua::detail::FinalOf<Order>,
        GlobalAveragePool,
        Linear<Classes>>;
    // clang-format on
};

// Error: a depth that is not in the table.
template <int Depth, bool IsThere, class Family>
struct OfDepth : Family {
    template <Signal In>
    static constexpr ShapeInference infer() {
        if constexpr (!IsThere) {
            return ShapeInference::failed(In, {Quantity::depth, Depth});
        } else {
            return inferred<Family, In>;
        }
    }
};

template <int Depth, StrideIn Where>
using WeightsOfDepth = std::conditional_t<table_of(Depth).bottleneck, BottleneckAt<Where>, BasicAt>;

}  // namespace detail

template <int Depth, class Order = Original, class Shortcut = Project, int Classes = 1000, StrideIn Where = StrideIn::the3x3>
struct Spec
    : detail::OfDepth<
          Depth, (table_of(Depth).units[0] > 0),
          typename detail::Stages<table_of(Depth), detail::WeightsOfDepth<Depth, Where>, Order, Shortcut, Classes>::type> {};

// Bottlenecks whose 3x3 convolution falls into Cardinality groups of Width channels (twice, four and eight times Width in later
// stages): Xie et al. 2017, table 1. A cardinality of 1 is a wide network: Width 128 is torchvision's wide_resnet50_2.
template <int Depth, int Cardinality, int Width, class Order = Original, class Shortcut = Project, int Classes = 1000>
struct NextSpec
    : detail::OfDepth<
          Depth, table_of(Depth).bottleneck,
          typename detail::Stages<table_of(Depth), detail::GroupedAt<Cardinality, Width>, Order, Shortcut, Classes>::type> {};

// By the paper's names: the original form and full pre-activation. imagenet::ResNet<50>, imagenet::PreActResNet<200>.
template <int Depth, int Classes = 1000, Shape Input = image>
using ResNet = Network<Input, Spec<Depth, Original, Project, Classes>>;
template <int Depth, int Classes = 1000, Shape Input = image>
using PreActResNet = Network<Input, Spec<Depth, PreActivation, Project, Classes>>;

// ResNeXt-50 (32x4d): imagenet::ResNeXt<50, 32, 4>.
template <int Depth, int Cardinality, int Width, int Classes = 1000, Shape Input = image>
using ResNeXt = Network<Input, NextSpec<Depth, Cardinality, Width, Original, Project, Classes>>;

}  // namespace imagenet

}  // namespace residua::inline RESIDUA_ISA
