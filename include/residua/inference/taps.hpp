// What an engine hands over beside the logits: which units are tapped, and where their results lie in the arena.
#pragma once

#include <residua/networks/network.hpp>

#include <array>
#include <string_view>
#include <type_traits>

namespace residua::inline RESIDUA_ISA::detail {

// One error a name, in a class that is only looked at.
template <bool IsKnown>
struct KnownUnit {
    static_assert(IsKnown, "residua: this network has no residual unit, and no stage of some, of that name");
};

// Of one network, by the names of units and stages.
template <class Net, Text... Names>
struct Taps {
    using T = typename Net::Scalar;
    using Watch = std::conditional_t<sizeof...(Names) == 0, WatchNothing, TapUnits>;
    using Root = typename Net::template Inferred<Watch>;

    template <Text Name>
    static constexpr NamedUnit unit = named_unit<typename Net::Root>(Name.view());
    template <Text Name>
    static constexpr bool knows = unit<Name>.is_there || !Net::valid;

    // They lie one behind the other, each with room for all images.
    static constexpr Size image = (Size{0} + ... + rounded(unit<Names>.out.size()));
    static constexpr Ledger<InferencePart> ledger = Net::template ledger_of<Root, image>;

    static constexpr int called(std::string_view name) {
        int index = -1;
        [[maybe_unused]] int i = 0;
        ((index = Names.view() == name ? i : index, ++i), ...);
        return index;
    }
    static constexpr Size offset(int tap, int capacity) {
        Size at = ledger.offset(InferencePart::taps, capacity);
        [[maybe_unused]] int i = 0;
        ((at += i++ < tap ? static_cast<Size>(capacity) * rounded(unit<Names>.out.size()) : 0), ...);
        return at;
    }
    static std::array<UnitTap<T>, sizeof...(Names)> in([[maybe_unused]] T* arena, [[maybe_unused]] int capacity) {
        [[maybe_unused]] int i = 0;
        return {UnitTap<T>{unit<Names>.number, arena + offset(i++, capacity)}...};
    }

    template <int Capacity>
    static constexpr Size bytes() {
        if constexpr (sizeof...(Names) == 0) {
            return Net::template inference_bytes<Capacity>;
        } else {
            static_assert(arena_fits<T>(Capacity, ledger.total()),
                          "residua: a batch holds at least one image, and fits into memory");
            return arena_bytes<T>(Capacity, ledger.total());
        }
    }
};

}  // namespace residua::inline RESIDUA_ISA::detail
