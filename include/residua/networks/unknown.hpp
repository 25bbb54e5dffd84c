// What a refused network has in the place of sizes and shapes.
#pragma once

#include <residua/core/shape.hpp>

#include <concepts>

namespace residua::inline RESIDUA_ISA {

// A constant of a network that was refused. It agrees with whatever is asked of it, so that a program's own static_asserts
// about the network do not add to the one error that matters.
struct Unknown {
    constexpr Unknown() = default;
    constexpr explicit Unknown(bool) {}

    template <class T>
    constexpr operator T() const {
        return T{};
    }

    friend constexpr bool operator==(Unknown, Unknown) { return true; }
    template <class T>
    friend constexpr bool operator==(Unknown, const T&) {
        return true;
    }

// Each operator with an unknown on the left, and with one on the right alone.
#define RESIDUA_UNKNOWN_OPERATOR(result, symbol)                 \
    template <class T>                                           \
    friend constexpr result operator symbol(Unknown, const T&) { \
        return result(true);                                     \
    }                                                            \
    template <class T>                                           \
        requires(!std::derived_from<T, Unknown>)                 \
    friend constexpr result operator symbol(const T&, Unknown) { return result(true); }
    RESIDUA_UNKNOWN_OPERATOR(bool, <)
    RESIDUA_UNKNOWN_OPERATOR(bool, >)
    RESIDUA_UNKNOWN_OPERATOR(bool, <=)
    RESIDUA_UNKNOWN_OPERATOR(bool, >=)
    RESIDUA_UNKNOWN_OPERATOR(Unknown, +)
    RESIDUA_UNKNOWN_OPERATOR(Unknown, -)
    RESIDUA_UNKNOWN_OPERATOR(Unknown, *)
    RESIDUA_UNKNOWN_OPERATOR(Unknown, /)
    RESIDUA_UNKNOWN_OPERATOR(Unknown, %)
    RESIDUA_UNKNOWN_OPERATOR(Unknown, >>)
    RESIDUA_UNKNOWN_OPERATOR(Unknown, <<)
#undef RESIDUA_UNKNOWN_OPERATOR
};

// The same for a shape: what programs ask of one is there.
struct UnknownShape : Unknown {
    static constexpr Unknown channels{};
    static constexpr Unknown height{};
    static constexpr Unknown width{};

    constexpr Unknown pixels() const { return {}; }
    constexpr Unknown size() const { return {}; }
    constexpr operator Shape() const { return Shape{1}; }
};

}  // namespace residua::inline RESIDUA_ISA
