// What follows from layers that stand one after the other: shapes, positions, plans of memory, traffic.
#pragma once

#include <residua/core/plan.hpp>
#include <residua/layers/layer.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace residua::inline RESIDUA_ISA::detail {

template <class... B>
struct BoundList {
    template <class Last>
    using With = BoundList<B..., Last>;
};

// ShapeInference and binding of a chain are one recursion: each layer's input is the inferred output of the one before.
template <Signal In, class... Layers>
struct Chain {
    static constexpr ShapeInference result{.out = In};
    static constexpr int failed = 0;

    template <class K, class Done>
    using Bind = Done;
};

template <Signal In, class First, class... Rest>
struct Chain<In, First, Rest...> {
    static constexpr ShapeInference first =
        inferred<First, In>.sees_branch ? ShapeInference::lacks<First>(Missing::one_path) : inferred<First, In>;
    static constexpr Signal next = first.out;  // (g++ 12: no member of a constant directly as an argument)

    static constexpr ShapeInference rest() {
        if constexpr (first.ok()) {
            return Chain<next, Rest...>::result;
        } else {
            return first;
        }
    }
    static constexpr ShapeInference result = [] {
        ShapeInference total = rest();
        if (!first.ok() || !total.ok()) return total;
        total.stride = passed(total.stride, first.stride);
        total.layers = std::min(total.layers + first.layers, most_layers + 1);
        if (total.layers > most_layers) return ShapeInference::failed(In, {Quantity::layers, static_cast<double>(total.layers)});
        return total;
    }();
    // Which layer is at fault.
    static constexpr int failed = [] {
        if constexpr (!first.ok()) {
            return 0;
        } else {
            return 1 + Chain<next, Rest...>::failed;
        }
    }();

    template <class K, class Done>
    using Bind = typename Chain<next, Rest...>::template Bind<K, typename Done::template With<residua::At<First, In, K>>>;
};

// How layer `index` of a list is called in a place: conv1, conv2, bn1 ..., or its index.
template <class... L>
constexpr PlaceStep step_of(int index) {
    constexpr std::array<Word, sizeof...(L)> words{word_of<L>()...};
    const Word word = words[static_cast<Size>(index)];
    if (word == Word::item) return {word, index};

    int number = 0;
    for (int i = 0; i <= index; ++i) number += words[static_cast<Size>(i)] == word;
    return {word, number};
}

template <Size I, class List>
struct Element;
template <class Head, class... Tail>
struct Element<0, BoundList<Head, Tail...>> {
    using type = Head;
};
template <Size I, class Head, class... Tail>
struct Element<I, BoundList<Head, Tail...>> : Element<I - 1, BoundList<Tail...>> {};

// All that is known of a bound chain, as values, and its plans.
template <class K, class List>
struct ChainOf;
template <class K, class... B>
struct ChainOf<K, BoundList<B...>> {
    static constexpr Size count = sizeof...(B);

    template <Mode M>
    static constexpr std::array<LayerFacts, count> facts{LayerFacts{
        .in = stored(B::in, K::lanes),
        .out = stored(B::out, K::lanes),
        .forward_scratch = {B::template forward_scratch<M, false>, B::template forward_scratch<M, true>},
        .backward_scratch = {B::template backward_scratch<false>, B::template backward_scratch<true>},
        .reads_input = B::reads_input,
        .reads_output = B::reads_output,
        .in_place = B::in_place,
        .moments = M == Mode::inference || !B::wants_moments ? 0 : 2 * static_cast<Size>(padded(B::in.channels, K::lanes)),
        .counts_moments = B::counts_moments,
        .discards = B::discards}...};

    // A recomputing pass lays its values out as the training pass does.
    static constexpr Mode like(Mode m) { return m == Mode::recompute ? Mode::training : m; }

    template <Mode M, bool Accumulates>
    static constexpr ChainPlan<count> forward = forward_plan(facts<like(M)>, M != Mode::inference, Accumulates);
    template <bool Accumulates>
    static constexpr ChainPlan<count> backward = backward_plan(facts<Mode::training>, Accumulates);

    // Each layer's position, and the end.
    static constexpr std::array<Extent, count + 1> positions = [] {
        std::array<Extent, count + 1> result{};
        // (What is kept does not depend on the sink.)
        result[0].saved = forward<Mode::training, true>.saved;
        Size i = 0;
        ((result[i + 1] = result[i] + B::extent, ++i), ...);
        return result;
    }();

    static constexpr Totals totals = (B::totals + ...);
    template <Size... I>
    static constexpr Traffic between(std::index_sequence<I...>) {
        using List = BoundList<B...>;
        return (Traffic{} + ... + traffic_between<K, typename Element<I, List>::type, typename Element<I + 1, List>::type>());
    }
    static constexpr Traffic traffic = (traffic_of<K, B>() + ...) + between(std::make_index_sequence<count - 1>());

    // May the chain's result overwrite its input? Unless a layer that cannot would have to, both ways.
    static constexpr bool in_place = [] {
        constexpr std::array<bool, count> can{B::in_place...};
        bool all_but_first = true;
        bool all_but_last = true;
        for (Size i = 0; i < count; ++i) {
            if (i > 0) all_but_first = all_but_first && can[i];
            if (i + 1 < count) all_but_last = all_but_last && can[i];
        }
        return (can[0] || !all_but_first) && (can[count - 1] || !all_but_last);
    }();

    static constexpr void describe(Namer& namer) { (B::describe(namer), ...); }
};

}  // namespace residua::inline RESIDUA_ISA::detail
