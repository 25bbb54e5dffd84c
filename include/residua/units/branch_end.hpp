// What the paper's branches have not: a layer at their end, which scales F(x).
#pragma once

#include <residua/layers/learned_scale.hpp>
#include <residua/layers/squeeze_excite.hpp>
#include <residua/layers/stochastic_depth.hpp>
#include <residua/units/shortcut.hpp>

namespace residua::inline RESIDUA_ISA {

namespace detail {

// The shortcut H, with End in the place of its own BranchEnd.
template <class End, class H>
struct EndingBranches : H {
    using BranchEnd = End;
};

}  // namespace detail

// Any shortcut, with the layer End behind F's last layer, and behind the shortcut's own BranchEnd:
//
//   WithBranchEnd<LearnedScale<>>            ReZero, SkipInit
//   WithBranchEnd<SqueezeExcite<16>>         squeeze-and-excitation
//   WithBranchEnd<StochasticDepth<>>         stochastic depth
//   WithBranchEnd<LearnedScale<>, WithBranchEnd<SqueezeExcite<16>, Project>>
template <class End, class Shortcut = ZeroPadding>
struct WithBranchEnd {
    template <class Order, class H = typename detail::ShortcutUnder<Shortcut, Order>::type>
    using Under = detail::EndingBranches<Sequence<typename detail::BranchEndOf<H, Shortcut>::type, End>, H>;
};

// y = h(x) + a F(x), with a learned, from 0 (Bachlechner et al. 2020).
template <class Resize = ZeroPadding>
using ReZero = WithBranchEnd<LearnedScale<>, Resize>;

}  // namespace residua::inline RESIDUA_ISA
