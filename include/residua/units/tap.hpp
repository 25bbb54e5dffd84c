// Tapping the units of a network in inference: what comes out of them is handed over beside the logits.
#pragma once

#include <residua/core/frame.hpp>
#include <residua/core/names.hpp>
#include <residua/units/rewrite.hpp>

#include <span>
#include <string_view>

namespace residua::inline RESIDUA_ISA {

// Where the results of units go, as plain images [n][channels][height][width]. (One unit may have several.)
template <class T>
struct UnitTap {
    Size unit = 0;
    T* to = nullptr;
};
template <class T>
class UnitTaps {
public:
    explicit UnitTaps(std::span<const UnitTap<T>> taps) : taps_(taps) {}

    // Those of the unit that f stands in.
    template <class K>
    void hand_over(const Frame<T>& f, const T* images, Shape shape) const {
        for (const UnitTap<T>& tap : taps_) {
            if (tap.unit != f.unit) continue;
            f.team->run(f.n, [&](int i, std::byte*) {
                const Size at = static_cast<Size>(i);
                K::from_blocked(images + at * stored(shape, K::lanes), shape, tap.to + at * shape.size());
            });
        }
    }

private:
    std::span<const UnitTap<T>> taps_;
};

namespace detail {

// A policy of rewriting, as WatchUnits is one.
struct TapUnits {};

// (Nothing behind a unit is folded into it, for the network goes on with what is handed over.)
template <class U>
struct Tapped : StandIn<U> {
    template <Signal In, class K>
    struct At : residua::At<U, In, K> {
        using T = typename K::Scalar;
        using Inner = residua::At<U, In, K>;
        static constexpr bool takes_relu = false;

        template <Mode M, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            Inner::template forward<M>(f, x, y);
            if constexpr (!Out::accumulates) {
                if (f.taps) f.taps->template hand_over<K>(f, y.data, Inner::out);
            }
        }
    };
};

template <IsUnit U>
struct RewrittenUnit<TapUnits, U> {
    using type = Tapped<U>;
};

// A unit, and the shape of what comes out of it. The last one under a name: layer2 is the last unit of that stage.
struct NamedUnit {
    bool is_there = false;
    Size number = 0;
    Shape out{};
};
struct UnitFinder final : NetworkVisitor {
    constexpr explicit UnitFinder(std::string_view name) : wanted(name) {}

    constexpr void unit(const Name& name, Shape out) override {
        const std::string_view found = name.view();
        const bool is_below = found.size() > wanted.size() && found.starts_with(wanted) && found[wanted.size()] == '.';
        if (found == wanted || is_below) last = {true, units, out};
        ++units;
    }

    std::string_view wanted;
    Size units = 0;
    NamedUnit last{};
};

template <class Root>
constexpr NamedUnit named_unit(std::string_view name) {
    UnitFinder finder(name);
    Namer namer(finder);
    Root::describe(namer);
    return finder.last;
}

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA
