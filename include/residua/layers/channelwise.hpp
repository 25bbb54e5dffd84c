// What layers start from that make each channel of that channel alone, with other pixels.
#pragma once

#include <residua/layers/layer.hpp>

namespace residua::inline RESIDUA_ISA {

// The bound layer of Spec. Self, which derives from it, says what becomes of some blocks of channels of an image:
//
//   template <bool Accumulates>
//   write(const T* x, Range blocks, T* y)                          y (+)= f(x)
//   template <bool Accumulates>
//   write_gradient(const T* x, const T* dy, Range blocks, T* dx)   dx (+)= df/dx' dy; x is null unless Self::reads_input
template <class Self, class Spec, Signal In, class K>
struct Channelwise : Bound<Spec, In, K> {
    using T = typename K::Scalar;
    static constexpr Shape from = In;
    static constexpr Shape to = Channelwise::out;
    static constexpr Size from_size = stored(from, K::lanes);
    static constexpr Size to_size = stored(to, K::lanes);
    static constexpr int blocks = blocks_of(from.channels, K::lanes);
    static constexpr bool counts_moments = true;

    template <Mode, class Out>
    static void forward(const Frame<T>& f, Input<T> x, Out y) {
        write_images<K>(f, y, to, [&](Size i, Range b, Size at) {
            Self::template write<Out::accumulates>(x.data + i * from_size, b, y.data + at);
        });
    }
    template <class X, class Out>
    static void backward(const Frame<T>& f, [[maybe_unused]] X x, Unread, Gradient<T> dy, Out dx) {
        f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) {
            const Size at = static_cast<Size>(i);
            const T* image = nullptr;
            if constexpr (Self::reads_input) image = x.data + at * from_size;
            Self::template write_gradient<Out::accumulates>(image, dy.data + at * to_size, b, dx.data + at * from_size);
        });
    }
};

}  // namespace residua::inline RESIDUA_ISA
