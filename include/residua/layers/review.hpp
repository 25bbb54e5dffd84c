// Looks at a bound layer before it is used: whether it has all members, of the right form, and describes what it occupies.
#pragma once

#include <residua/core/border.hpp>
#include <residua/core/extent.hpp>
#include <residua/core/fault.hpp>
#include <residua/core/frame.hpp>
#include <residua/core/names.hpp>

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
    bool has_fans = true;

    constexpr void tensor(const TensorInfo& info) override {
        (is_statistic(info.role) ? statistics : parameters) += info.size;
        if (info.role == Role::weight && info.rank < 2) has_fans = false;
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

template <class Layer, bool GoesForward, bool GoesBackward>
constexpr Review reviewed() {
    if constexpr (is_misspelt<Layer>) {
        return {Missing::known_member};
    } else if constexpr (!GoesForward) {
        return {Missing::forward};
    } else if constexpr (!GoesBackward) {
        return {Missing::backward};
    } else {
        constexpr Described sizes = described<Layer>();
        constexpr Extent extent = Layer::extent;
        if constexpr (!sizes.has_fans) {
            return {Missing::fans};
        } else if constexpr (!is_rounded<Layer>()) {
            return {Missing::rounding};
        } else if constexpr (sizes.statistics != extent.statistics) {
            return {Missing::nothing,
                    {Quantity::statistics, static_cast<double>(sizes.statistics)},
                    {Quantity::statistics, static_cast<double>(extent.statistics)}};
        } else {
            return {Missing::nothing,
                    {Quantity::parameters, static_cast<double>(sizes.parameters)},
                    {Quantity::parameters, static_cast<double>(extent.parameters)}};
        }
    }
}

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA
