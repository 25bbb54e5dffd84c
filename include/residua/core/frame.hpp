// What a layer is handed at run time: its memory, the threads, and where it stands.
#pragma once

#include <residua/core/extent.hpp>
#include <residua/core/pages.hpp>
#include <residua/core/team.hpp>

#include <cstdint>

namespace residua::inline RESIDUA_ISA {

enum class Mode {
    inference,  // running statistics, nothing drawn, nothing kept
    training,   // the batch's statistics; keeps what backward reads
    recompute   // training once more for a backward pass: leaves the running statistics alone
};

// Which random numbers a step draws: a function of these and of the layer's place, never of threads or of time.
struct Draws {
    std::uint64_t seed = 0;
    std::uint64_t step = 0;
    std::uint64_t first_sample = 0;
};

// Null stays null.
template <class P>
constexpr P* advanced(P* pointer, Size by) {
    return pointer ? pointer + by : nullptr;
}

class UnitWatch;  // who looks at the units while they train (units/watch.hpp)
template <class T>
class UnitTaps;  // whom they hand their results to, in inference (units/tap.hpp)

// Where a layer finds its memory, for n images. In inference only `parameters`, `prepared` and scratch are there. (Scratch is
// raw: what lies in it when a layer starts is anybody's.) While a layer prepares, `parameters` are the engine's own, and what is
// folded changes its own among them; what it has packed of them it says that it needs no more.
template <class T>
struct Frame {
    const T* parameters = nullptr;
    T* gradients = nullptr;
    T* statistics = nullptr;
    T* prepared = nullptr;
    T* fixed = nullptr;
    T* saved = nullptr;
    T* scratch_fixed = nullptr;
    T* scratch = nullptr;
    int n = 0;
    const Team* team = nullptr;
    Draws draws{};
    Size draw = 0;  // this layer's number among those that draw
    Size unit = 0;  // of the residual unit that it stands in, from 0; and of how many
    Size units = 0;
    UnitWatch* watch = nullptr;  // null: nobody
    const UnitTaps<T>* taps = nullptr;
    UnneededMemory* unneeded = nullptr;  // null: nobody asks

    // An image's size times the number of images.
    Size all(Size image) const { return image * static_cast<Size>(n); }

    // Of parameters: from now on nobody reads them, in inference.
    void need_no_more(const T* values, Size count) const {
        if (unneeded) unneeded->add(values, count * sizeof(T));
    }

    // The frame of a part that stands at `position`, with its scratch at `offset` of this one's.
    Frame at(const Extent& position, Need offset = {}) const {
        Frame part = *this;
        part.parameters = advanced(parameters, position.parameters);
        part.gradients = advanced(gradients, position.parameters);
        part.statistics = advanced(statistics, position.statistics);
        part.prepared = advanced(prepared, position.prepared);
        part.fixed = advanced(fixed, position.fixed);
        part.saved = advanced(saved, all(position.saved));
        part.scratch_fixed = advanced(scratch_fixed, offset.fixed);
        part.scratch = advanced(scratch, all(offset.image));
        part.draw = draw + position.draws;
        part.unit = unit + position.units;
        return part;
    }
};

}  // namespace residua::inline RESIDUA_ISA
