// Formulas on runs of scalars that begin anywhere and are of any size: by lines, and scalar by scalar where no line is left.
#pragma once

#include <residua/simd/line.hpp>

#include <type_traits>

namespace residua::inline RESIDUA_ISA::simd {

// V is a scalar or a line.
template <class V, class T>
RESIDUA_INLINE V read(const T* from) {
    if constexpr (std::is_same_v<V, T>) {
        return *from;
    } else {
        return load_unaligned(from);
    }
}
template <class T>
RESIDUA_INLINE void write(T* to, T value) {
    *to = value;
}
template <class T>
RESIDUA_INLINE void write(T* to, const Line<T>& value) {
    store_unaligned(to, value);
}

// f(i, std::type_identity<V>) for every place i of a run: V reads and writes from there on.
template <class T, class F>
RESIDUA_INLINE void each_of_run(std::size_t size, F f) {
    constexpr std::size_t step = lanes<T>;
    std::size_t i = 0;
    for (; i + step <= size; i += step) f(i, std::type_identity<Line<T>>{});
    for (; i < size; ++i) f(i, std::type_identity<T>{});
}

}  // namespace residua::inline RESIDUA_ISA::simd
