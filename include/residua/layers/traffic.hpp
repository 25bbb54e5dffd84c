// What a training step reads and writes, as a constant: beside the multiply-adds, the other half of what its time is made of.
#pragma once

#include <residua/core/shape.hpp>

namespace residua::inline RESIDUA_ISA {

// Values an image that a layer reads and writes, each pass over each array counted whole, as if no cache held anything from one
// layer to the next. (Parameters, and what stays in a worker's scratch, are no part of it. A stride reads what it skips, and what
// is recomputed is so to its end, though nobody may read that: both count more than is done.)
struct Traffic {
    Size forward = 0;
    Size backward = 0;

    friend constexpr Traffic operator+(Traffic a, Traffic b) { return {a.forward + b.forward, a.backward + b.backward}; }
    friend constexpr Traffic operator*(Size n, Traffic a) { return {n * a.forward, n * a.backward}; }
    friend constexpr bool operator==(const Traffic&, const Traffic&) = default;
};

// A bound layer's: what it says itself (`static constexpr Traffic traffic`), or what follows from its contract: x, y, dy and dx
// once, x and y again where backward reads them, and once each way what is kept between the two.
template <class K, class Layer>
constexpr Traffic traffic_of() {
    if constexpr (requires { Layer::traffic; }) {
        return Layer::traffic;
    } else {
        constexpr Size x = stored(Layer::in, K::lanes);
        constexpr Size y = stored(Layer::out, K::lanes);
        constexpr Size kept = Layer::extent.saved;
        constexpr Traffic of_branch = Layer::sees_branch ? Traffic{y, 2 * y} : Traffic{};
        return of_branch + Traffic{x + y + kept, x + y + (Layer::reads_input ? x : 0) + (Layer::reads_output ? y : 0) + kept};
    }
}

// Between a layer and the next: moments that the one would have counted and did not, the last pass of a gradient that is left to
// whoever reads it (which reads what the pass would have read, and spares that it reads and writes the gradient).
template <class K, class Layer, class Next>
constexpr Traffic traffic_between() {
    constexpr Size value = stored(Next::in, K::lanes);
    Traffic between;
    if (Next::wants_moments && !Layer::counts_moments) between.forward += value;
    if (Next::leaves_last && Layer::takes_pending) between.backward -= 2 * value;  // (below zero here, never in a chain's sum)
    return between;
}

}  // namespace residua::inline RESIDUA_ISA
