// What is given where a network is wanted, or parameters of one: which network it is, and the one error if it is none, or of
// another.
#pragma once

#include <residua/networks/network.hpp>

namespace residua::inline RESIDUA_ISA::detail {

// A spec where a network is wanted gives one error, however often it is named: work goes on with a network that is one.
template <class Given>
struct NotANetwork {
    static_assert(fault::never<Given>,
                  "residua: expected a Network<Shape{channels, height, width}, Spec>, found another type (a spec?)");
};
template <class Given>
struct NetworkOf {
    static_assert(sizeof(NotANetwork<Given>) > 0);
    using type = Network<Shape{1}, Flat<Linear<1>>>;
};
template <class Given>
    requires(!is_network<Given> && IsNetwork<Given>)
struct NetworkOf<Given> {
    using type = Given;
};
template <Shape Input, class Spec, class K>
struct NetworkOf<Network<Input, Spec, K>> {
    using type = Network<Input, Spec, K>;
};

// Parameters of one network in the hands of another.
template <class Expected, class Found>
struct OfAnotherNetwork {
    static_assert(fault::never<Found>, "residua: these parameters are of another network");
};
template <class Expected, class Found, class Result>
Result& of_another_network() {
    static_assert(sizeof(OfAnotherNetwork<Expected, Found>) > 0);
    return *static_cast<Result*>(nullptr);
}

// Parameters that cannot be changed, or do not last.
template <class Found>
struct NotVariable {
    static_assert(fault::never<Found>, "residua: expected Parameters that a trainer can change, found a constant or a temporary");
};
template <class Found, class Result>
Result& not_variable() {
    static_assert(sizeof(NotVariable<Found>) > 0);
    return *static_cast<Result*>(nullptr);
}

}  // namespace residua::inline RESIDUA_ISA::detail
