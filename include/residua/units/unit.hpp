// A residual unit: weight layers in an ordering, beside a shortcut.
#pragma once

#include <residua/layers/repeat.hpp>
#include <residua/units/branch_end.hpp>
#include <residua/units/gating.hpp>
#include <residua/units/shortcut.hpp>
#include <residua/units/weights.hpp>

namespace residua::inline RESIDUA_ISA {

// Where a unit of a pre-activation ordering activates.
enum class Split {
    as_in_the_paper,    // before the split in the network's first unit and where the shortcut projects, else on the branch only
    on_the_branch,      // always on the branch only
    before_the_split,   // always before the split
    where_it_projects,  // before the split where the shortcut projects, else on the branch only: in the first unit, too
    done_by_the_stem    // nowhere: the signal arrives activated (ImageNet's stem: BN, ReLU, max pooling)
};

namespace detail {

template <class Order, class List>
struct Interleave;
template <class Order, class W, class... Ws>
struct Interleave<Order, WeightLayers<W, Ws...>> {
    using type = Sequence<W, Sequence<typename Order::Between, Ws>..., typename Order::After>;
};

}  // namespace detail

// Order: an Ordering. W: Basic, Bottleneck, Single or WeightLayers<...>. Shortcut: see shortcut.hpp.
template <class Order, class W, class Shortcut = ZeroPadding, Split Where = Split::as_in_the_paper>
struct Unit {
    static constexpr Word word = Word::unit;
    static constexpr bool names_itself = true;

    using H = typename detail::ShortcutUnder<Shortcut, Order>::type;
    using F =
        Sequence<typename detail::Interleave<Order, typename W::List>::type, typename detail::BranchEndOf<H, Shortcut>::type>;

    using RawAddition = Residual<Sequence<typename Order::Before, F>, H>;
    using Addition = Residual<F, H>;
    using Raw = Sequence<RawAddition, typename Order::AfterAddition>;
    using Shared = Sequence<typename Order::Before, Addition, typename Order::AfterAddition>;
    using Activated = Sequence<Addition, typename Order::AfterAddition>;

    // Does one activation before the split serve both paths?
    template <Signal In>
    static constexpr bool shares() {
        if constexpr (!Order::activates_first || Where == Split::on_the_branch) {
            return false;
        } else if constexpr (Where == Split::before_the_split || (Where == Split::as_in_the_paper && !In.summed)) {
            return true;
        } else {
            constexpr ShapeInference branch = inferred<F, In>;
            return branch.ok() && detail::projects<H>(In, branch.out, branch.stride);
        }
    }
    template <Signal In>
    using Form = std::conditional_t<Where == Split::done_by_the_stem, Activated, std::conditional_t<shares<In>(), Shared, Raw>>;

    // Inside, nothing depends on what stands upstream: one binding serves the first unit and the others.
    template <Signal In>
    static constexpr Signal inner{In.shape(), true};

    template <Signal In>
    static constexpr ShapeInference infer() {
        if constexpr (detail::is_misspelt_shortcut<Shortcut>) {
            return ShapeInference::lacks<Shortcut>(Missing::known_member).inside(Word::shortcut);
        } else if constexpr (!detail::divides<W>()) {
            return ShapeInference::failed(In, {Quantity::bottleneck, W::filters});
        } else {
            constexpr Signal within = inner<In>;
            return inferred<Form<In>, within>;
        }
    }

    template <Signal In, class K>
    struct At : residua::At<Form<In>, inner<In>, K> {
        using Inner = residua::At<Form<In>, inner<In>, K>;
        static constexpr Extent extent = Inner::extent + Extent{.units = 1};

        static constexpr void describe(Namer& namer) {
            const auto unit = namer.unit(Inner::out);
            Inner::describe(namer);
        }
    };
};

// What was given in the place of an ordering or of weights is neither. (The general form is the primary template: as a
// constrained specialisation it crashes g++ 12.)
template <class Order, class W, class Shortcut, Split Where>
    requires(!detail::IsOrdering<Order> || !detail::IsWeights<W>)
struct Unit<Order, W, Shortcut, Where> {
    static constexpr Word word = Word::unit;

    template <Signal In>
    static constexpr ShapeInference infer() {
        if constexpr (!detail::IsOrdering<Order>) {
            return ShapeInference::lacks<Order>(Missing::ordering);
        } else {
            return ShapeInference::lacks<W>(Missing::weights);
        }
    }
};

}  // namespace residua::inline RESIDUA_ISA
