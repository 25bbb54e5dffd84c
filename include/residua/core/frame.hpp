// What a layer is handed at run time: its memory, its input, and where its results go.
#pragma once

#include <residua/core/extent.hpp>
#include <residua/core/inference.hpp>
#include <residua/core/names.hpp>
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

template <class P>
constexpr P* advanced(P* pointer, Size by) {
    return pointer ? pointer + by : nullptr;
}

// Where a layer finds its memory, for n images. In inference only `parameters`, `prepared` and scratch are there.
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
    Size draw = 0;  // this layer's purpose

    // An image's size times the number of images.
    Size all(Size image) const { return image * static_cast<Size>(n); }

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
        return part;
    }
};

// What crosses the border between two layers: run-time structs, one type each, so that no wish multiplies instantiations.

// Images, and the moments of each ([n][2][padded channels]: mean, sum of squared deviations) if the writer gathered them;
// null: the reader counts itself. Both give the same bits, for moments are a function of one image's values alone.
template <class T>
struct Input {
    const T* data = nullptr;
    const T* moments = nullptr;
};

// Where results go. `Accumulates` (y += f(x) instead of y = f(x)) is a type because it changes every kernel's inner loop, and
// makes an addition cost no buffer, forward or backward; whether to count moments is a pointer.
template <class T, bool Accumulates = false>
struct Output {
    static constexpr bool accumulates = Accumulates;

    T* data = nullptr;
    T* moments = nullptr;
};

template <class T>
using Sum = Output<T, true>;

// The gradient of what a layer wrote. A struct and not a pointer, so that terms still to be added can travel with it later.
template <class T>
struct Gradient {
    const T* data = nullptr;
};

// At the network's input: nobody wants the gradient, so a first layer that says `discards` need not compute it.
struct Discard {
    static constexpr bool accumulates = false;
};

template <class Out>
inline constexpr bool is_wanted = true;
template <>
inline constexpr bool is_wanted<Discard> = false;

// What every bound layer starts from; a layer overrides what differs.
//
//   forward<Mode>(frame, x, y)             y (+)= f(x)
//   backward(frame, x, y, dy, dx)          dx (+)= df/dx' dy, and gradients += df/dparameters' dy
//   prepare(frame)                         fills frame.prepared from parameters and statistics, once before inference
//   describe(namer)                        its parameters, in the order in which they lie in memory
template <class Spec, Signal In, class K>
struct Bound {
    using T = typename K::Scalar;
    static constexpr Signal in = In;
    static constexpr Signal out = inferred<Spec, In>.out;

    static constexpr Extent extent{};
    static constexpr Size macs = 0;          // multiply-adds an image, forward, of convolutions and linear layers
    static constexpr Size worker_bytes = 0;  // scratch of a thread
    template <Mode M, bool Accumulates>
    static constexpr Need forward_scratch{};
    template <bool Accumulates>
    static constexpr Need backward_scratch{};

    static constexpr bool reads_input = false;    // does backward read x?
    static constexpr bool reads_output = false;   // does backward read y?
    static constexpr bool in_place = false;       // may y be x, and dx be dy?
    static constexpr bool wants_moments = false;  // would like the writer of its input to count moments
    static constexpr bool discards = false;       // does backward take Discard for dx?
    static constexpr Size length = 1;             // layers between x and y
    static constexpr Size fewest_pixels = 0;      // the smallest image under a BN; 0: there is none

    template <class F>
    static void prepare(const F&) {}

    static constexpr void describe(Namer&) {}

    template <class Self>
    static constexpr bool complete = requires(Frame<T> f, Input<T> x, Output<T> y) {
        Self::template forward<Mode::training>(f, x, y);
        Self::backward(f, x, x, Gradient<T>{}, y);
    };
};

// What a layer that has written y owes its reader: the images' moments, if they are wanted.
template <class K, class Out, class T = typename K::Scalar>
void count_moments(const Frame<T>& f, const Out& y, Shape shape) {
    if (!y.moments) return;
    const Size image = stored(shape, K::lanes);
    const int blocks = blocks_of(shape.channels, K::lanes);
    f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) {
        const Size at = static_cast<Size>(i);
        K::moments(y.data + at * image, shape, b, y.moments + at * 2 * static_cast<Size>(blocks * K::lanes));
    });
}

// The smaller of two sizes of which zero means "none".
constexpr Size fewest(Size a, Size b) { return a == 0 ? b : b == 0 ? a : std::min(a, b); }

// A leaf whose output has its input's shape.
struct KeepsShape {
    static constexpr Outcome output(Shape in) { return in; }
};

}  // namespace residua::inline RESIDUA_ISA
