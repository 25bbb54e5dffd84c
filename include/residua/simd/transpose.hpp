// Matrices of scalars turned, a register's width of rows and columns at a time.
#pragma once

#include <residua/simd/line.hpp>

#include <utility>

namespace residua::inline RESIDUA_ISA::simd {

namespace detail {

// a0 b0 a1 b1 ..., of the lower halves or of the upper ones.
template <bool Upper, class T, int... Lane>
RESIDUA_INLINE Register<T> zipped(const Register<T>& a, const Register<T>& b, std::integer_sequence<int, Lane...>) {
    constexpr int width = sizeof...(Lane);
    const typename Register<T>::register_type of_a = a;
    const typename Register<T>::register_type of_b = b;
    return Register<T>(__builtin_shufflevector(of_a, of_b, (Lane % 2 * width + Lane / 2 + (Upper ? width / 2 : 0))...));
}

}  // namespace detail

// As many rows as a register has lanes.
template <class T>
struct Tile {
    static constexpr int width = static_cast<int>(Register<T>::size);
    Register<T> rows[static_cast<std::size_t>(width)];

    // Rows become columns: those that lie half of them apart are zipped, log2 of their number times.
    RESIDUA_INLINE void transpose() {
        static_assert(width <= 16);
        if constexpr (width >= 2) zip_rows();
        if constexpr (width >= 4) zip_rows();
        if constexpr (width >= 8) zip_rows();
        if constexpr (width >= 16) zip_rows();
    }

private:
    RESIDUA_INLINE void zip_rows() {
        constexpr auto lanes_of_row = std::make_integer_sequence<int, width>{};
        Register<T> zipped[static_cast<std::size_t>(width)];
        unroll<width / 2>([&](auto i) RESIDUA_INLINE_LAMBDA {
            zipped[2 * i] = detail::zipped<false, T>(rows[i], rows[i + width / 2], lanes_of_row);
            zipped[2 * i + 1] = detail::zipped<true, T>(rows[i], rows[i + width / 2], lanes_of_row);
        });
        unroll<width>([&](auto i) RESIDUA_INLINE_LAMBDA { rows[i] = zipped[i]; });
    }
};

// Rows become columns, in place.
//   square   [lanes][lanes], aligned
template <class T>
RESIDUA_INLINE void transpose(T* square) {
    constexpr int width = Tile<T>::width;
    const auto load = [&](int row, int column) RESIDUA_INLINE_LAMBDA {
        Tile<T> tile;
        unroll<width>([&](auto i) RESIDUA_INLINE_LAMBDA {
            tile.rows[i] = Register<T>::load_aligned(square + ((row + i) * lanes<T> + column));
        });
        tile.transpose();
        return tile;
    };
    const auto store = [&](int row, int column, const Tile<T>& tile) RESIDUA_INLINE_LAMBDA {
        unroll<width>([&](auto i)
                          RESIDUA_INLINE_LAMBDA { tile.rows[i].store_aligned(square + ((row + i) * lanes<T> + column)); });
    };
    for (int row = 0; row < lanes<T>; row += width) {
        for (int column = 0; column < row; column += width) {
            const Tile<T> below = load(row, column);
            store(row, column, load(column, row));
            store(column, row, below);
        }
        store(row, row, load(row, row));
    }
}

}  // namespace residua::inline RESIDUA_ISA::simd
