// The paper's networks for CIFAR (He et al. 2015, section 4.2; He et al. 2016), of any depth, width, input and number of classes;
// and wide ones.
#pragma once

#include <residua/networks/network.hpp>

namespace residua::inline RESIDUA_ISA {

namespace cifar {

// Three stages of N units at Width, 2 Width and 4 Width channels, after a 3x3 convolution to StemWidth; W is the unit's weights
// as a template over (filters, stride).
template <int N, template <int, int> class W, int StemWidth, int Width, int Classes, class Order, class Shortcut>
// clang-format off
struct Stages : Sequence<
    residua::detail::StemOf<Order, Conv<StemWidth>>,
    Stage<N, Unit<Order, W<Width, 1>, Shortcut>>,
    Stage<N, Unit<Order, W<2 * Width, 2>, Shortcut>, Unit<Order, W<2 * Width, 1>, Shortcut>>,
    Stage<N, Unit<Order, W<4 * Width, 2>, Shortcut>, Unit<Order, W<4 * Width, 1>, Shortcut>>,
    residua::detail::FinalOf<Order>,
    GlobalAveragePool,
    Linear<Classes>> {};
// clang-format on

// A network of a family whose depth is LayersAUnit times a whole number, and `Others`. Error: another depth.
template <int Depth, int LayersAUnit, class Spec, int Others = 2>
struct OfDepth : Spec {
    template <Signal In>
    static constexpr ShapeInference infer() {
        if constexpr (Depth <= Others || (Depth - Others) % LayersAUnit != 0) {
            return ShapeInference::failed(In, {Quantity::depth, Depth});
        } else {
            return inferred<Spec, In>;
        }
    }
};

// Depth 6n+2: basic units of two 3x3 convolutions. 20, 32, 44, 56, 110, 1202.
template <int Depth, class Order = PreActivation, class Shortcut = ZeroPadding, int Classes = 10, int Width = 16>
struct BasicSpec : OfDepth<Depth, 6, Stages<(Depth - 2) / 6, Basic, Width, Width, Classes, Order, Shortcut>> {};

// Depth 3n+2: one-layer skips. 110 has 108 units.
template <int Depth, class Order = PreActivation, class Shortcut = ZeroPadding, int Classes = 10, int Width = 16>
struct SingleSpec : OfDepth<Depth, 3, Stages<(Depth - 2) / 3, Single, Width, Width, Classes, Order, Shortcut>> {};

template <int Filters, int By>
struct Bottleneck3x3 : Bottleneck<Filters, By, StrideIn::the3x3> {};
template <int Filters, int By>
struct Bottleneck1x1 : Bottleneck<Filters, By, StrideIn::first1x1> {};

// Depth 9n+2: bottlenecks. 164, 1001.
template <int Depth, class Order = PreActivation, class Shortcut = Project, int Classes = 10, int Width = 16,
          StrideIn Where = StrideIn::the3x3>
struct BottleneckSpec : OfDepth<Depth, 9, Stages<(Depth - 2) / 9, Bottleneck3x3, Width, 4 * Width, Classes, Order, Shortcut>> {};
template <int Depth, class Order, class Shortcut, int Classes, int Width>
struct BottleneckSpec<Depth, Order, Shortcut, Classes, Width, StrideIn::first1x1>
    : OfDepth<Depth, 9, Stages<(Depth - 2) / 9, Bottleneck1x1, Width, 4 * Width, Classes, Order, Shortcut>> {};

// Depth 6n+4: basic units of pre-activation, Widen times as wide after the stem, option B (Zagoruyko and Komodakis 2016, whose
// depth counts the three projections in place of the last layer).
template <int Depth, int Widen, int Classes = 10>
struct WideSpec : OfDepth<Depth, 6, Stages<(Depth - 4) / 6, Basic, 16, 16 * Widen, Classes, PreActivation, Project>, 4> {};

// Of CIFAR-10 and CIFAR-100.
inline constexpr Shape image{3, 32, 32};

template <int Depth, class Order = PreActivation, class Shortcut = ZeroPadding, int Classes = 10, Shape Input = image>
using BasicResNet = Network<Input, BasicSpec<Depth, Order, Shortcut, Classes>>;
template <int Depth, class Order = PreActivation, class Shortcut = ZeroPadding, int Classes = 10, Shape Input = image>
using SingleResNet = Network<Input, SingleSpec<Depth, Order, Shortcut, Classes>>;
template <int Depth, class Order = PreActivation, class Shortcut = Project, int Classes = 10, Shape Input = image>
using BottleneckResNet = Network<Input, BottleneckSpec<Depth, Order, Shortcut, Classes>>;

namespace detail {

// The paper's depths: bottlenecks (with option B) at 164 and 1001, basic units (with option A) elsewhere.
template <int Depth, class Order, int Classes>
struct Named : BasicSpec<Depth, Order, ZeroPadding, Classes> {};
template <class Order, int Classes>
struct Named<164, Order, Classes> : BottleneckSpec<164, Order, Project, Classes> {};
template <class Order, int Classes>
struct Named<1001, Order, Classes> : BottleneckSpec<1001, Order, Project, Classes> {};

}  // namespace detail

// By the paper's names: the original form and full pre-activation. ResNet<110>, PreActResNet<164, 100>, PreActResNet<1001>.
template <int Depth, int Classes = 10, Shape Input = image>
using ResNet = Network<Input, detail::Named<Depth, Original, Classes>>;
template <int Depth, int Classes = 10, Shape Input = image>
using PreActResNet = Network<Input, detail::Named<Depth, PreActivation, Classes>>;

// WRN-Depth-Widen: WideResNet<16, 4>, WideResNet<28, 10, 100>.
template <int Depth, int Widen, int Classes = 10, Shape Input = image>
using WideResNet = Network<Input, WideSpec<Depth, Widen, Classes>>;

}  // namespace cifar

}  // namespace residua::inline RESIDUA_ISA
