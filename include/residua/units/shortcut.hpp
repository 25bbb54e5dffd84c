// Shortcuts h(x) of a residual unit (He et al. 2016, section 3 and figure 2; He et al. 2015, options A, B and C).
//
// A shortcut is a layer, or a struct that chooses one when the unit's shapes are known:
//
//   template <Shape In, Shape Out, int By> using Mapping = ...;   a layer from In to Out
//   template <Shape In, Shape Out, int By> using Join = ...;      a layer that also sees F(x) (see gating.hpp)
//   template <class Order> using Under = ...;                         asked first: the same shortcut under an ordering
//   static constexpr bool projects(Shape in, Shape out, int stride);  reads the activated signal where this is true
//   using BranchEnd = ...;                                            a layer at the end of F
#pragma once

#include <residua/layers/dropout.hpp>
#include <residua/layers/residual.hpp>
#include <residua/layers/subsample.hpp>
#include <residua/units/ordering.hpp>

namespace residua::inline RESIDUA_ISA {

// A unit changes dimension where its stride is not one or the channels differ. (Never ask whether the shapes differ: a 1x1
// image keeps its shape under a stride, and option B projects it.)
constexpr bool changes_dimension(Shape in, Shape out, int stride) { return stride != 1 || in.channels != out.channels; }

namespace detail {

template <class S, class Order>
struct ShortcutUnder {
    using type = S;
};
template <class S, class Order>
    requires requires { typename S::template Under<Order>; }
struct ShortcutUnder<S, Order> {
    using type = typename S::template Under<Order>;
};

// H, the shortcut S under an ordering, may say BranchEnd, or S itself: of Project, which has another form under each ordering,
// derives `struct Mine : Project { using BranchEnd = ...; }`.
template <class H, class S>
struct BranchEndOf {
    using type = None;
};
template <class H, class S>
    requires requires { typename H::BranchEnd; }
struct BranchEndOf<H, S> {
    using type = typename H::BranchEnd;
};
template <class H, class S>
    requires(!requires { typename H::BranchEnd; })
&&requires { typename S::BranchEnd; }
struct BranchEndOf<H, S> {
    using type = typename S::BranchEnd;
};

template <class S>
constexpr bool projects(Shape in, Shape out, int stride) {
    if constexpr (requires { S::projects(in, out, stride); }) {
        return S::projects(in, out, stride);
    } else {
        return false;
    }
}

// Members that are nearly those of the contract above, or have its name and another form: they would be ignored.
template <class S>
inline constexpr bool is_misspelt_shortcut = requires {
    S::project;
}
|| requires { S::Projects; }
|| requires { typename S::Branchend; }
|| requires { typename S::BranchEnds; }
|| requires { typename S::branch_end; }
|| requires { typename S::template under<None>; }
|| requires { typename S::template mapping<Shape{1}, Shape{1}, 1>; }
|| requires { typename S::template Map<Shape{1}, Shape{1}, 1>; }
|| requires { typename S::template Mappings<Shape{1}, Shape{1}, 1>; }
|| requires { typename S::template Between<Shape{1}, Shape{1}, 1>; }
|| requires { typename S::template join<Shape{1}, Shape{1}, 1>; }
|| requires { typename S::template Joins<Shape{1}, Shape{1}, 1>; }
|| (
       requires { &S::projects; } &&
       !requires(Shape s) {
           { S::projects(s, s, 1) } -> std::same_as<bool>;
       });

template <Zeros Where>
struct ZeroPaddingWith {
    template <Shape In, Shape Out, int By>
    using Mapping = std::conditional_t<changes_dimension(In, Out, By), Subsample<Out.channels, By, Where>, Identity>;
};

template <class Order>
using ProjectionTail = std::conditional_t<Order::activates_first, None, NormOf<Order>>;

template <class Tail>
struct ProjectionFollowedBy {
    template <Shape In, Shape Out, int By>
    using Mapping =
        std::conditional_t<changes_dimension(In, Out, By), Sequence<Conv<Out.channels, Kernel<1>, Stride<By>>, Tail>, Identity>;

    static constexpr bool projects(Shape in, Shape out, int stride) { return changes_dimension(in, out, stride); }
};

template <class Tail, class... Options>
struct ChannelProjectionFollowedBy {
    template <Shape In, Shape Out, int By>
    using Mapping =
        std::conditional_t<In.channels != Out.channels, Sequence<Conv<Out.channels, Kernel<1>, Stride<By>, Options...>, Tail>,
                           ZeroPaddingWith<Zeros::behind>::Mapping<In, Out, By>>;

    static constexpr bool projects(Shape in, Shape out, int) { return in.channels != out.channels; }
};

}  // namespace detail

// Option A: the identity; where the dimension changes, subsampling and zero channels behind. No parameters.
struct ZeroPadding : detail::ZeroPaddingWith<Zeros::behind> {};

// A2: the same with half of the zero channels (the smaller half) in front.
struct CentredZeroPadding : detail::ZeroPaddingWith<Zeros::half_in_front> {};

// Option B: the identity; where the dimension changes, a 1x1 convolution, followed by the ordering's own BN under post-activation
// orderings that have one.
struct Project {
    template <class Order>
    using Under = detail::ProjectionFollowedBy<detail::ProjectionTail<Order>>;
};

// Option B where the channels change; where the stride alone is not one, every such row and column, as of a max pooling of 1x1
// (Keras). Options: more of the convolution's.
template <class... Options>
struct ProjectChannels {
    template <class Order>
    using Under = detail::ChannelProjectionFollowedBy<detail::ProjectionTail<Order>, Options...>;
};

// Shortcuts beyond these have two halves: what they do, and how they resize where the dimension changes. Where they read
// follows from the second half alone, even where the first replaces it.
template <class Resize, class Order>
using ResizeUnder = typename detail::ShortcutUnder<Resize, Order>::type;
template <class Resize>
struct ReadsAs {
    static constexpr bool projects(Shape in, Shape out, int stride) { return detail::projects<Resize>(in, out, stride); }
};

// y = Lambda h(x) + Mu F(x): constant scaling, figure 2 (b), equation (6). Mu stands after F's last layer.
template <Real Lambda, Real Mu = Real(1), class Resize = ZeroPadding>
struct ConstantScaling : ReadsAs<Resize> {
    template <class Order>
    using Under = ConstantScaling<Lambda, Mu, ResizeUnder<Resize, Order>>;

    template <Shape In, Shape Out, int By>
    using Mapping = Sequence<typename detail::Choose<Resize, In, Out, By>::type, Scale<Lambda>>;
    using BranchEnd = Scale<Mu>;
};

// A 1x1 convolution and BN in every unit, under any ordering: figure 2 (e), option C of He et al. 2015. Options: more of the
// convolution's; Conv1x1<ZeroPadding, IdentityWeights> starts from the identity, up to BN.
template <class Resize = ZeroPadding, class... Options>
struct Conv1x1 : ReadsAs<Resize> {
    template <class Order>
    using Under = Conv1x1<ResizeUnder<Resize, Order>, Options...>;

    template <Shape In, Shape Out, int By>
    using Mapping = Sequence<Conv<Out.channels, Kernel<1>, Stride<By>, Options...>, BatchNorm<>>;
};
using ProjectAlways = Conv1x1<>;

// Dropout on the shortcut's output: figure 2 (f). Plain as the paper reasons, or inverted.
template <Real P = Real(0.5), DropoutScaling Scaling = DropoutScaling::plain, class Resize = ZeroPadding>
struct DropoutShortcut : ReadsAs<Resize> {
    template <class Order>
    using Under = DropoutShortcut<P, Scaling, ResizeUnder<Resize, Order>>;

    template <Shape In, Shape Out, int By>
    using Mapping = Sequence<typename detail::Choose<Resize, In, Out, By>::type, Dropout<P, Scaling>>;
};

}  // namespace residua::inline RESIDUA_ISA
