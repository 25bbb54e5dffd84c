// Element-wise functions and their derivatives, for scalars and for lines alike.
//
//   f(x)         the value
//   f(v, dy)     the gradient: v is y, or whatever the layer hands over if the derivative does not need it
//   keeps_zero   f(0) == 0, so that lanes beyond the last channel stay zero by themselves
#pragma once

#include <residua/core/shape.hpp>
#include <residua/simd/elementary.hpp>
#include <residua/simd/line.hpp>

#include <numbers>

namespace residua::inline RESIDUA_ISA::kernels::functions {

// A number in every lane.
template <class V>
RESIDUA_INLINE V constant(Real number) {
    if constexpr (requires { typename V::value_type; }) {
        return V(static_cast<typename V::value_type>(number.value));
    } else {
        return static_cast<V>(number.value);
    }
}

struct Copy {
    static constexpr bool keeps_zero = true;

    template <class V>
    RESIDUA_INLINE V operator()(V x) const {
        return x;
    }
    template <class V>
    RESIDUA_INLINE V operator()(V, V dy) const {
        return dy;
    }
};

struct Zero {
    static constexpr bool keeps_zero = true;

    template <class V>
    RESIDUA_INLINE V operator()(V) const {
        return constant<V>(0);
    }
};

// Comparisons stand so that NaN passes through, as in PyTorch.
struct Relu {
    static constexpr bool keeps_zero = true;

    template <class V>
    RESIDUA_INLINE V operator()(V x) const {
        return simd::select(x < constant<V>(0), constant<V>(0), x);
    }
    template <class V>
    RESIDUA_INLINE V operator()(V y, V dy) const {
        return simd::select(y <= constant<V>(0), constant<V>(0), dy);
    }
};

template <Real Slope>
struct LeakyRelu {
    static constexpr bool keeps_zero = true;

    template <class V>
    RESIDUA_INLINE V operator()(V x) const {
        return simd::select(x < constant<V>(0), constant<V>(Slope) * x, x);
    }
    template <class V>
    RESIDUA_INLINE V operator()(V y, V dy) const {
        return simd::select(y <= constant<V>(0), constant<V>(Slope) * dy, dy);
    }
};

struct Sigmoid {
    static constexpr bool keeps_zero = false;

    template <class V>
    RESIDUA_INLINE V operator()(V x) const {
        return constant<V>(1) / (constant<V>(1) + simd::exp(-x));
    }
    template <class V>
    RESIDUA_INLINE V operator()(V y, V dy) const {
        return dy * y * (constant<V>(1) - y);
    }
};

// Of x, not of y: it is not monotonic.
struct Silu {
    static constexpr bool keeps_zero = true;

    template <class V>
    RESIDUA_INLINE V operator()(V x) const {
        return x * Sigmoid{}(x);
    }
    template <class V>
    RESIDUA_INLINE V operator()(V x, V dy) const {
        const V open = Sigmoid{}(x);
        return dy * open * simd::fma(x, constant<V>(1) - open, constant<V>(1));
    }
};

// Of x too.
struct Gelu {
    static constexpr bool keeps_zero = true;

    template <class V>
    RESIDUA_INLINE V operator()(V x) const {
        return x * simd::normal_share_below(x);
    }
    template <class V>
    RESIDUA_INLINE V operator()(V x, V dy) const {
        constexpr double highest = 0.5 * std::numbers::inv_sqrtpi * std::numbers::sqrt2;
        const V density = constant<V>(highest) * simd::exp(constant<V>(-0.5) * x * x);
        return dy * simd::fma(x, density, simd::normal_share_below(x));
    }
};

template <Real Factor>
struct Scale {
    static constexpr bool keeps_zero = true;

    template <class V>
    RESIDUA_INLINE V operator()(V x) const {
        return constant<V>(Factor) * x;
    }
    template <class V>
    RESIDUA_INLINE V operator()(V, V dy) const {
        return constant<V>(Factor) * dy;
    }
};

// The same by a number that only run time knows. (No zero, if that is infinite.)
struct Times {
    double factor = 1;
    static constexpr bool keeps_zero = false;

    template <class V>
    RESIDUA_INLINE V operator()(V x) const {
        return constant<V>(factor) * x;
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels::functions
