// Rewriting the units of a network by a policy: other specs stand in for them, which are looked at (watch.hpp) or hand over what
// comes out of them (tap.hpp). Parameters and names do not change, and who asks for nothing has the types he had.
#pragma once

#include <residua/layers/recompute.hpp>

#include <concepts>

namespace residua::inline RESIDUA_ISA::detail {

template <class S>
concept IsUnit = requires {
    requires S::word == Word::unit;
};

// What a spec that stands in for a unit has of it: its place in names and errors, and its shapes. It adds an At, which derives
// from the unit's.
template <class U>
struct StandIn {
    static constexpr Word word = Word::unit;
    static constexpr bool names_itself = detail::names_itself<U>();

    template <Signal In>
    static constexpr ShapeInference infer() {
        return inferred<U, In>;
    }
};

// What stands in for a unit, of a policy; nothing, if the policy leaves such units as they are.
template <class Policy, class U>
struct RewrittenUnit {};
template <class S, class Policy>
concept IsRewritten = requires {
    typename RewrittenUnit<Policy, S>::type;
};

// Of a spec, as recomputation does it: every unit that stands in its chain, and how many these are.
template <class S, class Policy>
struct RewrittenChain {
    using type = S;
    static constexpr Size units = 0;
};
template <class S, class Policy>
    requires IsRewritten<S, Policy>
struct RewrittenChain<S, Policy> {
    using type = typename RewrittenUnit<Policy, S>::type;
    static constexpr Size units = 1;
};
// clang-format off
template <class S, class Policy>
    requires(!IsUnit<S>) && requires { typename S::Definition; } && (!std::same_as<S, typename S::Definition>)
struct RewrittenChain<S, Policy> : RewrittenChain<typename S::Definition, Policy> {};
// clang-format on

template <class... L, class Policy>
struct RewrittenChain<Flat<L...>, Policy> {
    using type = Flat<typename RewrittenChain<L, Policy>::type...>;
    static constexpr Size units = (RewrittenChain<L, Policy>::units + ... + Size{0});
};
template <class Units, class Policy>
struct RewrittenChain<StageOf<Units>, Policy> {
    using type = StageOf<typename RewrittenChain<Units, Policy>::type>;
    static constexpr Size units = RewrittenChain<Units, Policy>::units;
};
template <int N, class U, class Policy>
struct RewrittenChain<Repeat<N, U>, Policy> {
    using type = Repeat<N, typename RewrittenChain<U, Policy>::type>;
    static constexpr Size units = static_cast<Size>(N) * RewrittenChain<U, Policy>::units;
};
template <class Body, class Policy>
struct RewrittenChain<Recompute<Body>, Policy> {
    using type = Recompute<typename RewrittenChain<Body, Policy>::type>;
    static constexpr Size units = RewrittenChain<Body, Policy>::units;
};

// A spec under a policy. (One that leaves everything as it is says so here, and its chain is not looked at.)
template <class S, class Policy>
struct Rewritten : RewrittenChain<S, Policy> {};

}  // namespace residua::inline RESIDUA_ISA::detail
