// What a direct convolution of few images fetches.
#pragma once

#include <residua/kernels/conv/ahead.hpp>
#include <residua/kernels/conv/plan.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

// While a bundle of the forward pass is computed, in so many calls: the next one's weights, which the first of its tiles would
// wait for. (One image on an Emerald Rapids Xeon: ResNet-50 53.7 -> 51.4 ms, ResNet-18 20.0 -> 19.3. A batch gains nothing.)
//
//   weights   packed, of all bundles
template <class T>
Ahead weights_ahead(const DirectPlan& p, const T* weights, int bundle, Size calls) {
    const Range next = p.blocks_of_forward(bundle + 1);
    const Size block = static_cast<Size>(p.in_slots) * static_cast<Size>(p.cell);
    Ahead ahead;
    ahead.reads(weights + static_cast<Size>(next.begin) * block, static_cast<Size>(next.end - next.begin) * block * sizeof(T));
    ahead.spread_over(calls);
    return ahead;
}

}  // namespace residua::inline RESIDUA_ISA::kernels
