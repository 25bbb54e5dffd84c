// What crosses the border between two layers: run-time structs, one type each, so that no wish multiplies instantiations.
#pragma once

#include <residua/simd/isa.hpp>

namespace residua::inline RESIDUA_ISA {

// Images, and the moments of each ([n][2][padded channels]: mean, sum of squared deviations) if the writer gathered them;
// null: the reader counts itself. Both give the same bits, for moments are a function of one image's values alone.
template <class T>
struct Input {
    const T* data = nullptr;
    const T* moments = nullptr;
};

// Where results go. `Accumulates` (y += f(x) instead of y = f(x)) is a type because it changes every kernel's inner loop, and
// makes an addition cost no buffer, forward or backward. `moments` is null unless the reader wants them and the writer is one
// that counts them. `addend` is null unless the sum is to images other than those at `data`, and the writer one that takes it.
// Where a pass is made again for what lies within (Recompute), its result is `unread`: a layer may leave it out. `Rectifies`, of
// an inference alone: y = relu(y + f(x)), by a writer that takes_relu.
template <class T, bool Accumulates = false, bool Rectifies = false>
struct Output {
    static constexpr bool accumulates = Accumulates;
    static constexpr bool rectifies = Rectifies;

    T* data = nullptr;
    T* moments = nullptr;
    const T* addend = nullptr;
    bool unread = false;
};

// A y that is added to.
template <class T>
using Sum = Output<T, true>;

// The gradient of what a layer wrote.
template <class T>
struct Gradient {
    const T* data = nullptr;
};

// A gradient of which the last step is left to its reader, who then reads it while it loads, and one pass over memory less is
// made: batch normalisation's c1 g + c2 x + c3 (c1, c2, c3 a channel), where g is `data`, but zero where scale x + shift is not
// above zero. With c1 null it is `data` as it stands.
template <class T>
struct PendingGradient {
    const T* data = nullptr;
    const T* x = nullptr;
    const T* scale = nullptr;
    const T* shift = nullptr;
    const T* c1 = nullptr;
    const T* c2 = nullptr;
    const T* c3 = nullptr;
};

// At the network's input: nobody wants the gradient, so a first layer that says `discards` need not compute it.
struct Discard {
    static constexpr bool accumulates = false;
};

template <class Out>
inline constexpr bool is_wanted = true;
template <>
inline constexpr bool is_wanted<Discard> = false;

// What backward is handed in the place of an x or y that it did not declare to read: nothing was kept, and nothing can be read.
struct Unread {};

// x for a part that reads it, Unread for one that does not.
template <bool Reads, class X>
constexpr auto read_if(X x) {
    if constexpr (Reads) {
        return x;
    } else {
        return Unread{};
    }
}

// x where a loop wants one type for all its turns.
template <class T>
constexpr Input<T> as_input(Input<T> x) {
    return x;
}
template <class T>
constexpr Input<T> as_input(Unread) {
    return {};
}

}  // namespace residua::inline RESIDUA_ISA
