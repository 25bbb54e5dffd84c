// Element-wise functions and their derivatives, for scalars and for vectors alike.
//
//   f(x)         the value
//   f(v, dy)     the gradient: v is y, or whatever the layer hands over if the derivative does not need it
//   keeps_zero   f(0) == 0, so that lanes beyond the last channel stay zero by themselves
#pragma once

#include <residua/core/shape.hpp>
#include <residua/simd/simd.hpp>

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
        // Beyond 1000 both ends are reached in any type. (xsimd's exp converts to integers, which is undefined for what is not
        // finite; x == x and not x != x, which is false for NaN in xsimd 8.1 on AVX-512.)
        const V above = simd::select(x > constant<V>(-1000), x, constant<V>(-1000));
        const V between = simd::select(above < constant<V>(1000), above, constant<V>(1000));
        const V y = constant<V>(1) / (constant<V>(1) + simd::exp(-between));
        return simd::select(x == x, y, x);
    }
    template <class V>
    RESIDUA_INLINE V operator()(V y, V dy) const {
        return dy * y * (constant<V>(1) - y);
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
