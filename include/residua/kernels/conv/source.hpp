// What a convolution's inputs are once they are read: lines of a block of channels, activated, or with the last step of a
// gradient done.
#pragma once

#include <residua/core/border.hpp>
#include <residua/kernels/conv/geometry.hpp>
#include <residua/simd/line.hpp>

#include <cstring>

namespace residua::inline RESIDUA_ISA::kernels {

// relu(scale x + shift), of the block whose first channel this is.
template <class T>
struct Activation {
    using V = simd::Line<T>;

    RESIDUA_INLINE Activation(const ConvInput<T>& x, Size channel)
        : factor(simd::load(x.scale + channel)), offset(simd::load(x.shift + channel)) {}

    RESIDUA_INLINE V operator()(V x) const {
        const V value = simd::fma(factor, x, offset);
        return simd::select(value < V(T(0)), V(T(0)), value);
    }

    V factor;
    V offset;
};

// c1 g + c2 x + c3, of the block whose first channel this is.
template <class T>
struct LastStep {
    using V = simd::Line<T>;

    RESIDUA_INLINE LastStep(const PendingGradient<T>& dy, Size channel)
        : factor(simd::load(dy.scale + channel)),
          offset(simd::load(dy.shift + channel)),
          of_g(simd::load(dy.c1 + channel)),
          of_x(simd::load(dy.c2 + channel)),
          constant(simd::load(dy.c3 + channel)) {}

    RESIDUA_INLINE V operator()(V x, V before) const {
        const V g = simd::select(simd::fma(factor, x, offset) <= V(T(0)), V(T(0)), before);
        return simd::fma(of_g, g, simd::fma(of_x, x, constant));
    }

    V factor;
    V offset;
    V of_g;
    V of_x;
    V constant;
};

// to = so many scalars of x from `at` on, which lie in one block: that whose first channel this is.
template <class T>
RESIDUA_INLINE void read_lines(const ConvInput<T>& x, Size at, Size channel, Size size, T* to) {
    constexpr Size lanes = simd::lanes<T>;
    if (!x.scale) {
        std::memcpy(to, x.data + at, size * sizeof(T));
        return;
    }
    const Activation<T> activated(x, channel);
    for (Size i = 0; i < size; i += lanes) simd::store(to + i, activated(simd::load(x.data + at + i)));
}
template <class T>
RESIDUA_INLINE void read_lines(const PendingGradient<T>& dy, Size at, Size channel, Size size, T* to) {
    constexpr Size lanes = simd::lanes<T>;
    if (!dy.c1) {
        std::memcpy(to, dy.data + at, size * sizeof(T));
        return;
    }
    const LastStep<T> completed(dy, channel);
    for (Size i = 0; i < size; i += lanes) {
        simd::store(to + i, completed(simd::load(dy.x + at + i), simd::load(dy.data + at + i)));
    }
}

}  // namespace residua::inline RESIDUA_ISA::kernels
