// The memory plan: a constexpr planner over plain values places every buffer by its lifetime.
#pragma once

#include <residua/core/extent.hpp>

#include <array>

namespace residua::inline RESIDUA_ISA {

// A buffer of `size` scalars an image, needed from step `first` to step `last`.
struct Interval {
    Size size = 0;
    int first = 0;
    int last = 0;

    constexpr bool meets(const Interval& other) const { return first <= other.last && other.first <= last; }
};

// Where each buffer begins, and what all of them take.
template <std::size_t N>
struct Arrangement {
    std::array<Size, N> offset{};
    Size total = 0;
};

// Greedy: the biggest first, each at the lowest offset that is free during its life.
template <std::size_t N>
constexpr Arrangement<N> placed(const std::array<Interval, N>& items) {
    Arrangement<N> plan;
    std::array<bool, N> done{};

    for (Size round = 0; round < N; ++round) {
        Size next = N;
        for (Size i = 0; i < N; ++i) {
            if (!done[i] && (next == N || items[i].size > items[next].size)) next = i;
        }

        Size offset = 0;
        for (bool moved = true; moved;) {
            moved = false;
            for (Size j = 0; j < N; ++j) {
                const bool overlaps = offset < plan.offset[j] + items[j].size && plan.offset[j] < offset + items[next].size;
                if (done[j] && items[j].meets(items[next]) && overlaps) {
                    offset = plan.offset[j] + items[j].size;
                    moved = true;
                }
            }
        }

        plan.offset[next] = offset;
        done[next] = true;
        if (items[next].size > 0) plan.total = std::max(plan.total, offset + items[next].size);
    }
    return plan;
}

// What planning a chain needs to know of a layer. Sizes an image; scratch without and with accumulation.
struct LayerFacts {
    Size in = 0;
    Size out = 0;
    std::array<Need, 2> forward_scratch{};
    std::array<Need, 2> backward_scratch{};
    bool reads_input = false;
    bool reads_output = false;
    bool in_place = false;
    Size moments = 0;  // of its input, if it wants them
    bool counts_moments = false;
    bool discards = false;
};

// Where a value lies.
enum class Home { nowhere, input, output, saved, scratch };
struct Whereabouts {
    Home home = Home::nowhere;
    Size offset = 0;
};

// Value i enters layer i; value K leaves the chain.
template <std::size_t K>
struct ChainPlan {
    std::array<Whereabouts, K + 1> value{};
    std::array<Size, K + 1> moments{};  // in scratch, of value i
    std::array<Need, K> scratch{};      // of layer i
    Size saved = 0;
    Need total{};
};

// Values of a chain that runs forward. If `keeps`, what backward reads stays in `saved`; all else lives in scratch from its
// definition to its use, and layers that work in place share a buffer.
template <std::size_t K>
constexpr ChainPlan<K> forward_plan(const std::array<LayerFacts, K>& layers, bool keeps, bool accumulates) {
    ChainPlan<K> plan;
    plan.value[0] = {Home::input};
    plan.value[K] = {Home::output};

    const auto kept = [&](Size i) { return keeps && (layers[i - 1].reads_output || (i < K && layers[i].reads_input)); };

    // Whose buffer does value i use?
    std::array<Size, K + 1> root{};
    for (Size i = 0; i <= K; ++i) {
        const bool shares = i >= 2 && layers[i - 1].in_place && !kept(i - 1) && (i < K || !accumulates);
        root[i] = shares ? root[i - 1] : i;
    }

    std::array<bool, K + 1> save{};
    std::array<int, K + 1> last{};
    for (Size i = 1; i < K; ++i) {
        save[root[i]] = save[root[i]] || kept(i);
        last[root[i]] = static_cast<int>(i);
    }

    // Items to place: values, then the layers' own scratch, then moments.
    std::array<Interval, 3 * K + 2> items{};
    for (Size i = 1; i < K; ++i) {
        const int step = static_cast<int>(i);
        items[2 * K + 1 + i] = {layers[i - 1].counts_moments ? rounded(layers[i].moments) : 0, step - 1, step};

        if (root[i] != i || root[K] == i) continue;
        if (save[i]) {
            plan.value[i] = {Home::saved, plan.saved};
            plan.saved += rounded(layers[i - 1].out);
        } else {
            plan.value[i] = {Home::scratch};
            items[i] = {rounded(layers[i - 1].out), step - 1, last[i]};
        }
    }
    for (Size i = 0; i < K; ++i) {
        const Need need = layers[i].forward_scratch[accumulates && i + 1 == K ? 1 : 0];
        items[K + 1 + i] = {rounded(need.image), static_cast<int>(i), static_cast<int>(i)};
        plan.total.fixed = std::max(plan.total.fixed, need.fixed);
    }

    const auto placement = placed(items);
    for (Size i = 1; i < K; ++i) {
        if (root[i] == root[K]) {
            plan.value[i] = {Home::output};
        } else if (root[i] != i) {
            plan.value[i] = plan.value[root[i]];
        } else if (plan.value[i].home == Home::scratch) {
            plan.value[i].offset = placement.offset[i];
        }
        plan.moments[i] = placement.offset[2 * K + 1 + i];
    }
    for (Size i = 0; i < K; ++i) plan.scratch[i] = {0, placement.offset[K + 1 + i]};
    plan.total.image = placement.total;
    return plan;
}

// Gradients of a chain: the mirror image, with nothing kept.
template <std::size_t K>
constexpr ChainPlan<K> backward_plan(const std::array<LayerFacts, K>& layers, bool accumulates) {
    std::array<LayerFacts, K> mirrored{};
    for (Size i = 0; i < K; ++i) {
        LayerFacts facts = layers[K - 1 - i];
        std::swap(facts.in, facts.out);
        facts.forward_scratch = facts.backward_scratch;
        facts.moments = 0;
        // (Where dx may be discarded there is no place for it that another gradient could lie in meanwhile.)
        if (i + 1 == K && facts.discards) facts.in_place = false;
        mirrored[i] = facts;
    }

    ChainPlan<K> plan = forward_plan(mirrored, false, accumulates);
    std::reverse(plan.value.begin(), plan.value.end());
    std::reverse(plan.scratch.begin(), plan.scratch.end());
    return plan;
}

}  // namespace residua::inline RESIDUA_ISA
