// The policies of a Trainer, in any order: Trainer<Net, 128, AdamW, RecomputeEvery<3>>. What is not said has a default.
#pragma once

#include <residua/networks/network.hpp>
#include <residua/training/adamw.hpp>
#include <residua/training/reduction.hpp>
#include <residua/training/sgd.hpp>

#include <type_traits>

namespace residua::inline RESIDUA_ISA {

namespace detail {

enum class PolicyKind { recomputation, optimizer, reduction, watch, none };

template <class P>
inline constexpr bool is_recomputation = std::is_same_v<P, KeepAll>;
template <int Units>
inline constexpr bool is_recomputation<RecomputeEvery<Units>> = true;

template <class P, class T>
constexpr PolicyKind kind_of() {
    if constexpr (is_recomputation<P>) {
        return PolicyKind::recomputation;
    } else if constexpr (IsWatch<P>) {
        return PolicyKind::watch;
    } else if constexpr (IsOptimizer<P, T>) {
        return PolicyKind::optimizer;
    } else if constexpr (IsReduction<P, T>) {
        return PolicyKind::reduction;
    } else {
        return PolicyKind::none;
    }
}

// Has a type any of an optimizer's members, in any form?
template <class P, class T, Size States>
concept Updates = requires(P& optimizer, UpdateAt at, ParameterRun<T, States> run) {
    optimizer.update(at, run);
};
template <class P, class T>
concept ResemblesOptimizer = requires {
    P::name;
}
|| requires { P::states; }
|| requires { &P::check; }
|| requires { &P::decays; }
|| requires { &P::update; }
|| Updates<P, T, 0> || Updates<P, T, 1> || Updates<P, T, 2>;

template <PolicyKind Kind, class T, class Default, class... P>
struct ChosenPolicy {
    using type = Default;
};
template <PolicyKind Kind, class T, class Default, class First, class... Rest>
struct ChosenPolicy<Kind, T, Default, First, Rest...>
    : std::conditional_t<kind_of<First, T>() == Kind, std::type_identity<First>, ChosenPolicy<Kind, T, Default, Rest...>> {};

template <class T, class... P>
constexpr bool has_one_of_each() {
    for ([[maybe_unused]] const PolicyKind kind :
         {PolicyKind::recomputation, PolicyKind::optimizer, PolicyKind::reduction, PolicyKind::watch}) {
        if (((kind_of<P, T>() == kind) + ... + 0) > 1) return false;
    }
    return true;
}

// (The assertions stand in classes that are only looked at: work goes on with what was understood.)
template <class Given, bool IsPolicy, bool ResemblesOptimizer>
struct ExpectPolicy {};
template <class Given>
struct ExpectPolicy<Given, false, true> {
    static_assert(fault::never<Given>,
                  "residua: expected a policy of training, found a type with some members of an optimizer but not all: name, "
                  "states, void check() const, bool decays(Role) const, update(UpdateAt, ParameterRun<T, states>) const; "
                  "static_assert(IsOptimizer<Mine, T>) shows which is missing");
};
template <class Given>
struct ExpectPolicy<Given, false, false> {
    static_assert(fault::never<Given>,
                  "residua: expected a policy of training (KeepAll, RecomputeEvery<N>, WatchUnits, an optimizer, a reduction), "
                  "found another type");
};
// A value that is none of the trainer's optimizer, which stands among its template arguments.
template <class Found, class Expected>
struct NotTheOptimizer {
    static_assert(
        fault::never<Found>,
        "residua: expected a value of the trainer's optimizer as its second argument, found another type; the optimizer "
        "is a template argument, Trainer<Net, 8, AdamW>, and Sgd where none is said");
};
template <class Found, class Expected, class Result>
Result& not_the_optimizer() {
    static_assert(sizeof(NotTheOptimizer<Found, Expected>) > 0);
    return *static_cast<Result*>(nullptr);
}

template <class Net>
struct ExpectWatch {
    static_assert(
        fault::never<Net>,
        "residua: unit_norms() and watch(...) need the policy WatchUnits, Trainer<Net, 8, WatchUnits>: expected it, found "
        "WatchNothing");
};
template <class...>
struct GivenPolicies {};  // as the error names them
template <bool One, class... Given>
struct ExpectOneOfEach {};
template <class... Given>
struct ExpectOneOfEach<false, Given...> {
    static_assert(fault::never<GivenPolicies<Given...>>, "residua: two policies of training say the same thing in two ways");
};

// Where a policy was refused, whatever value was meant for it is taken.
struct UnknownOptimizer {
    static constexpr std::string_view name = "unknown";
    static constexpr Size states = 0;

    template <class... Given>
    UnknownOptimizer(const Given&...) {}
    void check() const {}
    bool decays(Role) const { return false; }
    template <class T>
    void update(UpdateAt, const ParameterRun<T, 0>&) const {}
};
struct UnknownReduction : Alone {
    template <class... Given>
    UnknownReduction(const Given&...) {}
};

template <class T, class... P>
struct Policies {
    static_assert(((sizeof(ExpectPolicy<P, kind_of<P, T>() != PolicyKind::none, ResemblesOptimizer<P, T>>) > 0) && ... && true));
    static_assert(sizeof(ExpectOneOfEach<has_one_of_each<T, P...>(), P...>) > 0);

    template <PolicyKind Kind, class Default>
    using Chosen = typename ChosenPolicy<Kind, T, Default, P...>::type;

    using Recomputation = typename CheckedRecomputation<Chosen<PolicyKind::recomputation, KeepAll>>::type;
    static constexpr bool known = ((kind_of<P, T>() != PolicyKind::none) && ... && true);
    using Optimizer = Chosen<PolicyKind::optimizer, std::conditional_t<known, Sgd, UnknownOptimizer>>;
    using Reduction = Chosen<PolicyKind::reduction, std::conditional_t<known, Alone, UnknownReduction>>;
    using Watch = Chosen<PolicyKind::watch, WatchNothing>;
};

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA
