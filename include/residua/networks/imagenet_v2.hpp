// ImageNet's pre-activation networks as timm and Keras have them, for which weights are published: neither is quite the paper's.
#pragma once

#include <residua/layers/zero_border.hpp>
#include <residua/networks/imagenet.hpp>

namespace residua::inline RESIDUA_ISA {

namespace imagenet {

namespace detail {

// timm: nothing is normalised or activated in front of the max pooling.
using TimmStem = Sequence<Conv<64, Kernel<7>, Stride<2>>, MaxPool<3, Stride<2>, Padding<1>>>;
inline constexpr Splits timm_splits{.first = Split::where_it_projects, .others = Split::where_it_projects};

// Keras: the same with a bias, and zeros that the max pooling sees as values.
using KerasStem = Sequence<Conv<64, Kernel<7>, Stride<2>, WithBias>, ZeroBorder<1>, MaxPool<3, Stride<2>>>;

// (Keras' epsilon and momentum.)
using KerasBatchNormRelu = Sequence<BatchNorm<Real(1.001e-5), Real(0.01)>, Relu>;
struct KerasPreActivation : Ordering<KerasBatchNormRelu, KerasBatchNormRelu, None, None> {};

template <int Base, int By>
struct KerasBottleneck : WeightLayers<Conv<Base, Kernel<1>>, Conv<Base, Stride<By>>, Conv<4 * Base, Kernel<1>, WithBias>> {};

template <Table Of, int Classes>
struct KerasStages {
    template <int Base, int By = 1>
    using UnitOf = Unit<KerasPreActivation, KerasBottleneck<Base, By>, ProjectChannels<WithBias>, Split::where_it_projects>;

    // The last unit takes the stride.
    template <int Units, int Base, int By>
    using StageOf =
        residua::detail::StageOf<Sequence<Repeat<1, UnitOf<Base>>, Repeat<Units - 2, UnitOf<Base>>, Repeat<1, UnitOf<Base, By>>>>;

    // clang-format off
    using type = Sequence<
        KerasStem,
        StageOf<Of.units[0], 64, 2>,
        StageOf<Of.units[1], 128, 2>,
        StageOf<Of.units[2], 256, 2>,
        StageOf<Of.units[3], 512, 1>,
        KerasPreActivation::Final,
        GlobalAveragePool,
        Linear<Classes>>;
    // clang-format on
};

}  // namespace detail

// timm's resnetv2 (18, 34, 50, 101, 152): full pre-activation whose stem is a 7x7 convolution and a max pooling alone. A unit's
// projection reads the activated signal, an identity the raw one, in the first unit, too. io::timm maps its names.
template <int Depth, int Classes = 1000>
struct TimmSpec
    : detail::OfDepth<Depth, (table_of(Depth).units[0] > 0),
                      typename detail::Stages<table_of(Depth), detail::WeightsOfDepth<Depth, StrideIn::the3x3>, PreActivation,
                                              Project, Classes, detail::TimmStem, detail::timm_splits>::type> {};

// Keras' ResNetV2 (50, 101, 152): the stem, the projections and the last convolution of a branch have biases, the last unit of
// the first three stages takes the stride. io::keras maps its names.
template <int Depth, int Classes = 1000>
struct KerasSpec
    : detail::OfDepth<
          Depth, table_of(Depth).bottleneck,
          typename detail::KerasStages<(table_of(Depth).bottleneck ? table_of(Depth) : table_of(50)), Classes>::type> {};

// imagenet::TimmResNetV2<50> is timm's resnetv2_50, imagenet::KerasResNetV2<50> Keras' ResNet50V2.
template <int Depth, int Classes = 1000, Shape Input = image>
using TimmResNetV2 = Network<Input, TimmSpec<Depth, Classes>>;
template <int Depth, int Classes = 1000, Shape Input = image>
using KerasResNetV2 = Network<Input, KerasSpec<Depth, Classes>>;

}  // namespace imagenet

}  // namespace residua::inline RESIDUA_ISA
