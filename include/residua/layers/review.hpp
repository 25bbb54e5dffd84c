// Looks at a bound layer before it is used: whether it has all members, of the right form, and describes what it occupies.
#pragma once

#include <residua/core/border.hpp>
#include <residua/core/extent.hpp>
#include <residua/core/fault.hpp>
#include <residua/core/frame.hpp>
#include <residua/core/names.hpp>
#include <residua/core/shape_inference.hpp>

#include <type_traits>

namespace residua::inline RESIDUA_ISA {

// What was found: something is missing, or two numbers that should be one differ.
struct Review {
    Missing missing = Missing::nothing;
    Number described{};
    Number extent{};
};

namespace detail {

template <bool Reads, class T>
using ReadAs = std::conditional_t<Reads, Input<T>, Unread>;

// Adds up what a layer describes.
struct Described final : NetworkVisitor {
    Size parameters = 0;
    Size statistics = 0;
    Size macs = 0;
    int layers = 0;
    bool has_fans = true;

    constexpr void tensor(const TensorInfo& info) override {
        (is_statistic(info.role) ? statistics : parameters) += info.size;
        if (is_weight(info.role) && info.rank < 2) has_fans = false;
    }
    constexpr void layer(const LayerInfo& info, LayerSettings) override {
        macs += info.macs;
        ++layers;
    }
};

template <class Layer>
constexpr Described described() {
    Described sizes;
    Namer namer(sizes);
    Layer::describe(namer);
    return sizes;
}

// Members that are nearly those of the contract: whoever wrote them meant these. (That is all that can be told of a name.)
template <class L>
inline constexpr bool is_misspelt = requires {
    L::read_input;
}
|| requires { L::reads_inputs; }
|| requires { L::read_output; }
|| requires { L::reads_outputs; }
|| requires { L::inplace; }
|| requires { L::want_moments; }
|| requires { L::wants_moment; }
|| requires { L::count_moments; }
|| requires { L::counts_moment; }
|| requires { L::discard; }
|| requires { L::extents; };

// Are the members that are read as constants constants, of the contract's types?
template <class Wanted, class Found>
concept IsOf = std::is_same_v<std::remove_cvref_t<Found>, Wanted>;
template <class L>
concept has_constants = requires {
    typename Known<static_cast<bool>(L::reads_input)>;
    typename Known<static_cast<bool>(L::reads_output)>;
    typename Known<static_cast<bool>(L::in_place)>;
    typename Known<static_cast<bool>(L::wants_moments)>;
    typename Known<static_cast<bool>(L::counts_moments)>;
    typename Known<static_cast<bool>(L::discards)>;
    requires IsOf<Extent, decltype(L::extent)>;
    requires IsOf<Need, decltype(L::template forward_scratch<Mode::training, false>)>;
    requires IsOf<Need, decltype(L::template backward_scratch<false>)>;
    typename Known<(static_cast<void>(Extent(L::extent)), true)>;
    typename Known<(static_cast<void>(Need(L::template forward_scratch<Mode::training, false>)), true)>;
    typename Known<(static_cast<void>(Need(L::template backward_scratch<false>)), true)>;
};

template <class L>
concept Describes = requires(Namer& namer) {
    L::describe(namer);
    typename Known<(static_cast<void>(described<L>()), true)>;
};

template <class L>
concept Prepares = requires(const Frame<typename L::T>& f) {
    L::prepare(f);
};

// Does whatever lies behind the layer's memory begin where vectors can be loaded?
template <class Layer>
constexpr bool is_rounded() {
    constexpr Extent extent = Layer::extent;
    constexpr Need forward = Layer::template forward_scratch<Mode::training, false>;
    constexpr Need backward = Layer::template backward_scratch<false>;
    for (const Size size :
         {extent.prepared, extent.fixed, extent.saved, forward.fixed, forward.image, backward.fixed, backward.image}) {
        if (rounded(size) != size) return false;
    }
    return true;
}

constexpr Review compared(Quantity what, Size described, Size said) {
    return {Missing::nothing, {what, static_cast<double>(described)}, {what, static_cast<double>(said)}};
}

template <class Layer, bool GoesForward, bool GoesBackward>
constexpr Review reviewed() {
    if constexpr (is_misspelt<Layer>) {
        return {Missing::known_member};
    } else if constexpr (!GoesForward) {
        return {Missing::forward};
    } else if constexpr (!GoesBackward) {
        return {Missing::backward};
    } else if constexpr (!Describes<Layer>) {
        return {Missing::describe};
    } else if constexpr (!Prepares<Layer>) {
        return {Missing::prepare};
    } else {
        constexpr Described sizes = described<Layer>();
        constexpr Extent extent = Layer::extent;
        if constexpr (!sizes.has_fans) {
            return {Missing::fans};
        } else if constexpr (!is_rounded<Layer>()) {
            return {Missing::rounding};
        } else if constexpr (sizes.statistics != extent.statistics) {
            return compared(Quantity::statistics, sizes.statistics, extent.statistics);
        } else if constexpr (sizes.macs != Layer::totals.macs) {
            return compared(Quantity::macs, sizes.macs, Layer::totals.macs);
        } else if constexpr (sizes.parameters != extent.parameters) {
            return compared(Quantity::parameters, sizes.parameters, extent.parameters);
        } else if constexpr (sizes.layers == 0 && Layer::length > 0 && !Layer::sees_branch) {
            return {Missing::line};
        } else {
            return {};
        }
    }
}

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA
