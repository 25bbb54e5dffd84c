// What an engine hands over beside the logits: which units are tapped, and where their results lie in the arena.
#pragma once

#include <residua/networks/network.hpp>

#include <array>
#include <cstddef>
#include <string_view>

namespace residua::inline RESIDUA_ISA::detail {

// One error a name, in a class that is only looked at.
template <bool IsKnown>
struct KnownUnit {
    static_assert(IsKnown, "residua: this network has no residual unit, and no stage of some, of that name");
};

// The units of a network, by their names and those of stages.
template <class Net>
struct UnitsOf {
    template <Text Name>
    static constexpr NamedUnit unit = named_unit<typename Net::Root>(Name.view());
    template <Text Name>
    static constexpr bool knows = unit<Name>.is_there || !Net::valid;
};

// Those that are tapped.
template <class Net, Text... Names>
struct Taps : UnitsOf<Net> {
    using T = typename Net::Scalar;
    using Root = typename Net::template Inferred<TapUnits>;

    template <Text Name>
    static constexpr NamedUnit unit = UnitsOf<Net>::template unit<Name>;

    // They lie one behind the other, each with room for all images.
    static constexpr Size image = (Size{0} + ... + rounded(unit<Names>.out.size()));
    static constexpr Ledger<InferencePart> ledger = Net::template ledger_of<Root, image>;

    static constexpr int called(std::string_view name) {
        int index = -1;
        int i = 0;
        ((index = Names.view() == name ? i : index, ++i), ...);
        return index;
    }
    static constexpr Size offset(int tap, int capacity) {
        Size at = ledger.offset(InferencePart::taps, capacity);
        int i = 0;
        ((at += i++ < tap ? static_cast<Size>(capacity) * rounded(unit<Names>.out.size()) : 0), ...);
        return at;
    }

    // In an arena, while the network runs.
    class HandedOver {
    public:
        HandedOver(T* arena, int capacity) : list_{in(arena, capacity)} {}
        const UnitTaps<T>* taps() const { return &taps_; }

    private:
        static std::array<UnitTap<T>, sizeof...(Names)> in(T* arena, int capacity) {
            int i = 0;
            return {UnitTap<T>{unit<Names>.number, arena + offset(i++, capacity)}...};
        }

        std::array<UnitTap<T>, sizeof...(Names)> list_;
        UnitTaps<T> taps_{list_};
    };

    template <int Capacity>
    static constexpr Size bytes() {
        static_assert(arena_fits<T>(Capacity, ledger.total()), "residua: a batch holds at least one image, and fits into memory");
        return arena_bytes<T>(Capacity, ledger.total());
    }
};

// Who taps nothing pays nothing.
template <class Net>
struct Taps<Net> : UnitsOf<Net> {
    using Root = typename Net::InferenceRoot;
    static constexpr Ledger<InferencePart> ledger = Net::inference_ledger;
    static constexpr int called(std::string_view) { return -1; }

    struct HandedOver {
        template <class T>
        HandedOver(T*, int) {}
        static constexpr std::nullptr_t taps() { return nullptr; }
    };

    template <int Capacity>
    static constexpr Size bytes() {
        return Net::template inference_bytes<Capacity>;
    }
};

}  // namespace residua::inline RESIDUA_ISA::detail
