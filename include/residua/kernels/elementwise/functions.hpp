// Element-wise functions and their derivatives, for scalars and for vectors alike.
//
//   f(x)         the value
//   f(v, dy)     the gradient: v is y, or whatever the layer hands over if the derivative does not need it
//   keeps_zero   f(0) == 0, so that lanes beyond the last channel stay zero by themselves
#pragma once

#include <residua/core/shape.hpp>
#include <residua/simd/simd.hpp>

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

// x where it lies between -bound and bound, else the nearer of them; -bound for NaN. (xsimd's exp and erf convert to integers,
// which is undefined for what is not finite.)
template <class V>
RESIDUA_INLINE V within(V x, Real bound) {
    const V above = simd::select(x > constant<V>(-bound.value), x, constant<V>(-bound.value));
    return simd::select(above < constant<V>(bound), above, constant<V>(bound));
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
        // Beyond 1000 both ends are reached in any type. (x == x and not x != x, which is false for NaN in xsimd 8.1 on AVX-512.)
        const V y = constant<V>(1) / (constant<V>(1) + simd::exp(-within(x, 1000)));
        return simd::select(x == x, y, x);
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
        return dy * open * (constant<V>(1) + x * (constant<V>(1) - open));
    }
};

// Of x too. Beyond 40 the normal distribution has reached its ends in any type.
struct Gelu {
    static constexpr bool keeps_zero = true;

    template <class V>
    RESIDUA_INLINE V operator()(V x) const {
        return x * share_below(x);
    }
    template <class V>
    RESIDUA_INLINE V operator()(V x, V dy) const {
        const V near = within(x, 40);
        const V density =
            constant<V>(0.5 * std::numbers::inv_sqrtpi * std::numbers::sqrt2) * simd::exp(constant<V>(-0.5) * near * near);
        return dy * (share_below(x) + x * density);
    }

private:
    // P(X <= x)
    template <class V>
    RESIDUA_INLINE static V share_below(V x) {
        const V half = constant<V>(0.5);
        return half + half * simd::erf(constant<V>(0.5 * std::numbers::sqrt2) * within(x, 40));
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

}  // namespace residua::inline RESIDUA_ISA::kernels::functions
