// Lines of scalars.
//
// A line is a cache line on every processor: one register with AVX-512, two with AVX2, four with SSE and NEON. So blocks of
// channels, plans of memory and the order of every sum are the same everywhere; and since no product here is fused with a sum but
// by fma(), so are the bits, wherever the processor has an fma.
#pragma once

#include <residua/simd/register.hpp>
#include <residua/simd/scalar.hpp>

#include <cstddef>
#include <utility>

namespace residua::inline RESIDUA_ISA::simd {

inline constexpr int line_bytes = 64;

// Scalars in a line: the width of a block of channels.
template <class T>
inline constexpr int lanes = line_bytes / static_cast<int>(sizeof(T));

// Lines, or beginnings of them of so many bytes, that the registers hold: bounds the accumulators of a kernel's tile.
constexpr int lines_in_registers(int bytes = line_bytes) {
    return register_count * static_cast<int>(sizeof(Register<float>)) / bytes;
}

namespace detail {

// The register of a line that begins at lane First: each lane gets the value of lane `Which` of its own group of Width.
template <int Width, int Which, int First, class T, int... Lane>
RESIDUA_INLINE Register<T> register_of_own_groups(const Register<T>* line, std::integer_sequence<int, Lane...>) {
    constexpr int width = sizeof...(Lane);
    constexpr int from = Width <= width ? First / width : (First / Width * Width + Which) / width;
    const typename Register<T>::register_type all = line[from];
    return Register<T>(__builtin_shufflevector(all, all, ((First + Lane) / Width * Width + Which - from * width)...));
}

}  // namespace detail

// A truth a lane.
template <class T, int Bytes = line_bytes>
struct Mask {
    static constexpr int count = Bytes / static_cast<int>(sizeof(Register<T>));
    xsimd::batch_bool<T> part[static_cast<std::size_t>(count)];

    RESIDUA_INLINE friend Mask operator|(const Mask& a, const Mask& b) {
        Mask r;
        RESIDUA_UNROLL
        for (int i = 0; i < count; ++i) r.part[i] = a.part[i] | b.part[i];
        return r;
    }
    RESIDUA_INLINE friend Mask operator!(const Mask& a) {
        Mask r;
        RESIDUA_UNROLL
        for (int i = 0; i < count; ++i) r.part[i] = !a.part[i];
        return r;
    }
};

// A line, or so many bytes of one (bytes_of_registers).
template <class T, int Bytes = line_bytes>
struct Line {
    using value_type = T;
    using Truths = Mask<T, Bytes>;
    static constexpr int width = static_cast<int>(Register<T>::size);
    static constexpr int count = Bytes / static_cast<int>(sizeof(Register<T>));

    Register<T> part[static_cast<std::size_t>(count)];

    Line() = default;
    // A number in every lane.
    RESIDUA_INLINE explicit Line(T number) {
        const Register<T> all(number);
        RESIDUA_UNROLL
        for (int i = 0; i < count; ++i) part[i] = all;
    }

    RESIDUA_INLINE friend Line operator+(const Line& a, const Line& b) {
        Line r;
        RESIDUA_UNROLL
        for (int i = 0; i < count; ++i) r.part[i] = a.part[i] + b.part[i];
        return r;
    }
    RESIDUA_INLINE friend Line operator-(const Line& a, const Line& b) {
        Line r;
        RESIDUA_UNROLL
        for (int i = 0; i < count; ++i) r.part[i] = a.part[i] - b.part[i];
        return r;
    }
    // (The sign of what is zero is plus: xsimd's own minus differs there from one processor to the next.)
    RESIDUA_INLINE friend Line operator-(const Line& a) { return Line(T(0)) - a; }
    RESIDUA_INLINE friend Line operator*(const Line& a, const Line& b) {
        Line r;
        RESIDUA_UNROLL
        for (int i = 0; i < count; ++i) r.part[i] = detail::settled<T>(a.part[i] * b.part[i]);
        return r;
    }
    RESIDUA_INLINE friend Line operator/(const Line& a, const Line& b) {
        Line r;
        RESIDUA_UNROLL
        for (int i = 0; i < count; ++i) r.part[i] = detail::quotient<T>(a.part[i], b.part[i]);
        return r;
    }

    RESIDUA_INLINE friend Truths operator<(const Line& a, const Line& b) {
        Truths r;
        RESIDUA_UNROLL
        for (int i = 0; i < count; ++i) r.part[i] = a.part[i] < b.part[i];
        return r;
    }
    RESIDUA_INLINE friend Truths operator>(const Line& a, const Line& b) { return b < a; }
    RESIDUA_INLINE friend Truths operator<=(const Line& a, const Line& b) {
        Truths r;
        RESIDUA_UNROLL
        for (int i = 0; i < count; ++i) r.part[i] = a.part[i] <= b.part[i];
        return r;
    }
    RESIDUA_INLINE friend Truths operator==(const Line& a, const Line& b) {
        Truths r;
        RESIDUA_UNROLL
        for (int i = 0; i < count; ++i) r.part[i] = a.part[i] == b.part[i];
        return r;
    }
};

// a b + c, rounded once.
template <class T, int Bytes>
RESIDUA_INLINE Line<T, Bytes> fma(const Line<T, Bytes>& a, const Line<T, Bytes>& b, const Line<T, Bytes>& c) {
    Line<T, Bytes> r;
    RESIDUA_UNROLL
    for (int i = 0; i < r.count; ++i) r.part[i] = detail::fused<T>(a.part[i], b.part[i], c.part[i]);
    return r;
}

// condition ? a : b
template <class T, int Bytes>
RESIDUA_INLINE Line<T, Bytes> select(const Mask<T, Bytes>& condition, const Line<T, Bytes>& a, const Line<T, Bytes>& b) {
    Line<T, Bytes> r;
    RESIDUA_UNROLL
    for (int i = 0; i < r.count; ++i) r.part[i] = xsimd::select(condition.part[i], a.part[i], b.part[i]);
    return r;
}

// x 2^n for whole numbers n, as scalar.hpp has it.
template <class T, int Bytes>
RESIDUA_INLINE Line<T, Bytes> scaled(const Line<T, Bytes>& x, const Line<T, Bytes>& n) {
    Line<T, Bytes> powers;
    RESIDUA_UNROLL
    for (int i = 0; i < powers.count; ++i) powers.part[i] = detail::power_of_two<T>(n.part[i]);
    return x * powers;
}

template <class T, int Bytes>
RESIDUA_INLINE Line<T, Bytes> sqrt(const Line<T, Bytes>& x) {
    Line<T, Bytes> r;
    RESIDUA_UNROLL
    for (int i = 0; i < r.count; ++i) r.part[i] = detail::root<T>(x.part[i]);
    return r;
}

template <class T, int Bytes = line_bytes>
RESIDUA_INLINE Line<T, Bytes> load(const T* aligned) {
    Line<T, Bytes> r;
    RESIDUA_UNROLL
    for (int i = 0; i < r.count; ++i) r.part[i] = Register<T>::load_aligned(aligned + i * r.width);
    return r;
}
template <class T>
RESIDUA_INLINE Line<T> load_unaligned(const T* from) {
    Line<T> r;
    RESIDUA_UNROLL
    for (int i = 0; i < r.count; ++i) r.part[i] = Register<T>::load_unaligned(from + i * r.width);
    return r;
}

template <class T, int Bytes>
RESIDUA_INLINE void store(T* aligned, const Line<T, Bytes>& line) {
    RESIDUA_UNROLL
    for (int i = 0; i < line.count; ++i) line.part[i].store_aligned(aligned + i * line.width);
}
template <class T>
RESIDUA_INLINE void store_unaligned(T* to, const Line<T>& line) {
    RESIDUA_UNROLL
    for (int i = 0; i < line.count; ++i) line.part[i].store_unaligned(to + i * line.width);
}

// Asks for memory that will soon be read (into the second-level cache), or written.
RESIDUA_INLINE void prefetch(const std::byte* at) { __builtin_prefetch(at, 0, 2); }
RESIDUA_INLINE void prefetch_to_write(const std::byte* at) { __builtin_prefetch(at, 1, 3); }

// What the compiler knows of a pointer: nothing. (What the next turn of a loop reads again, g++ keeps: a number in a register for
// each, or on the stack, where a load costs nothing.)
template <class T>
RESIDUA_INLINE void forget(const T*& at) {
    __asm__("" : "+r"(at));
}

// The sum of the lanes, from the first to the last.
template <class T, int Bytes>
RESIDUA_INLINE T sum(const Line<T, Bytes>& v) {
    alignas(line_bytes) T values[lanes<T>];
    store(values, v);
    T result = values[0];
    for (int l = 1; l < v.count * v.width; ++l) result += values[l];
    return result;
}

// v with zeros from lane `count` on, whatever stood there (also NaN).
template <class T, int Bytes>
RESIDUA_INLINE Line<T, Bytes> first_lanes(const Line<T, Bytes>& v, int count) {
    alignas(line_bytes) T index[lanes<T>];
    for (int l = 0; l < lanes<T>; ++l) index[l] = static_cast<T>(l);
    return select(load<T, Bytes>(index) < Line<T, Bytes>(static_cast<T>(count)), v, Line<T, Bytes>(T(0)));
}

// Bytes of the fewest registers, a power of two, that hold so many of a line's bytes: what a kernel computes of a block that has
// no more channels.
constexpr int bytes_of_registers(int bytes) {
    int result = static_cast<int>(sizeof(Register<float>));
    while (result < bytes) result *= 2;
    return result;
}

// Lanes in groups of Width: each lane gets the value of lane `Which` of its own group.
template <int Width, int Which, class T, int Bytes>
RESIDUA_INLINE Line<T, Bytes> of_own_group(const Line<T, Bytes>& v) {
    if constexpr (Width == 1) {
        return v;
    } else {
        using L = Line<T, Bytes>;
        L r;
        unroll<L::count>([&](auto i) RESIDUA_INLINE_LAMBDA {
            constexpr int first = decltype(i)::value * L::width;
            r.part[i] =
                detail::register_of_own_groups<Width, Which, first, T>(v.part, std::make_integer_sequence<int, L::width>{});
        });
        return r;
    }
}

}  // namespace residua::inline RESIDUA_ISA::simd
