// What is done to a convolution's results while they are in registers.
#pragma once

#include <residua/kernels/elementwise/functions.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

// Where a ReLU stands: nowhere, before the result is added to what a sum is to, or behind that addition. (Without a sum the last
// two are one.) For inference, whose units end in it.
enum class Rectify { nowhere, before_sum, after_sum };

// addend() is asked for where the result is a sum.
template <bool Accumulates, Rectify R, class V, class Addend>
RESIDUA_INLINE V ended(V result, const Addend& addend) {
    constexpr functions::Relu relu{};
    if constexpr (R == Rectify::before_sum) result = relu(result);
    if constexpr (Accumulates) result = result + addend();
    if constexpr (R == Rectify::after_sum) result = relu(result);
    return result;
}

}  // namespace residua::inline RESIDUA_ISA::kernels
