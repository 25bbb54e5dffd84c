// The weight gradient of direct convolutions: lines of output channels, broadcasts of inputs.
#pragma once

#include <residua/kernels/conv/tile.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

// One image's part of a weight gradient. All offsets in scalars, and summed before they meet a pointer, as in TilePlane.
template <class T>
struct GradientPlane {
    const T* input = nullptr;  // of the first output pixel at tap offset 0, first block
    Offset input_block = 0;
    Offset input_row = 0;  // from one output row to the next
    int input_rows = 0;
    int input_blocks = 0;
    int last_channels = 0;

    const Tap* taps = nullptr;
    int tap_count = 0;

    const T* gradient = nullptr;  // dy, first block
    Offset gradient_block = 0;
    Offset gradient_row = 0;
    int rows = 0;
    int columns = 0;

    Ahead* ahead = nullptr;  // what is fetched meanwhile, or null

    T* weights = nullptr;          // [output block][input block][tap][input][output lane]: added to
    Offset weights_out_block = 0;  // from one output block to the next
    Offset weights_in_block = 0;
    bool begins = false;  // the sums do: what `weights` holds is no part of them
};

// While this many pixels are summed, add_weight_gradient fetches once.
inline constexpr int pixels_a_fetch = 16;

// Those of the output rows [first, last) whose window finds an input row at the tap.
inline Range rows_within(const Tap& tap, int step, int input_rows, Range rows) {
    while (rows.begin < rows.end && rows.begin * step + tap.row < 0) ++rows.begin;
    while (rows.begin < rows.end && (rows.end - 1) * step + tap.row >= input_rows) --rows.end;
    return rows;
}

// An input of a pixel for all lanes of dy: broadcast; or, of each lane's own group, where groups of OwnGroup lanes fill the block
// (then the group is all of the inputs).
template <class T, int Bytes, int OwnGroup, class Index>
RESIDUA_INLINE simd::Line<T, Bytes> gradient_input(const T* pixel, Index input) {
    if constexpr (OwnGroup > 0) {
        return simd::of_own_group<OwnGroup, Index::value>(simd::load<T, Bytes>(pixel));
    } else {
        return simd::Line<T, Bytes>(pixel[input]);
    }
}

// f(0), f(1), ..., of IG inputs: constants where a shuffle of an own group needs them.
template <int IG, int OwnGroup, class F>
RESIDUA_INLINE void for_inputs(F&& f) {
    if constexpr (OwnGroup > 0) {
        simd::unroll<IG>(f);
    } else {
        RESIDUA_UNROLL
        for (int i = 0; i < IG; ++i) f(i);
    }
}

// dw[o][i][tap] += sum over rows and columns of dy[o] x[i] at the tap, for OB output blocks from `plane.gradient` on and so many
// Taps of one row of the window. A step is OB loads of dy and IG Taps broadcasts, for OB IG Taps FMAs. So many Bytes of dy's
// lines are computed. Step is the window's stride, Pixel from one pixel of x to the next.
template <class T, int OB, int IG, int Taps, int Step, int Pixel, int OwnGroup, int Bytes>
__attribute__((noinline)) void add_weight_gradient(const GradientPlane<T>& plane, int first_row, int last_row) {
    using V = simd::Line<T, Bytes>;
    constexpr int lanes = simd::lanes<T>;
    static_assert(OwnGroup == 0 || OwnGroup == IG);

    for (int block = 0; block < plane.input_blocks; ++block) {
        const int channels = block + 1 == plane.input_blocks ? plane.last_channels : lanes;
        for (int k = 0; k < plane.tap_count; k += Taps) {
            const Range rows = rows_within(plane.taps[k], Step, plane.input_rows, Range{first_row, last_row});
            if (rows.begin == rows.end) continue;
            for (int group = 0; group < channels; group += IG) {
                T* weights = plane.weights + (block * plane.weights_in_block + plane.taps[k].weights + group * lanes);
                const Offset next_tap = Taps > 1 ? plane.taps[k + 1].weights - plane.taps[k].weights : 0;
                V sums[static_cast<Size>(Taps * OB * IG)];
                const auto for_sums = [&](auto f) RESIDUA_INLINE_LAMBDA {
                    RESIDUA_UNROLL
                    for (int u = 0; u < Taps; ++u) {
                        RESIDUA_UNROLL
                        for (int o = 0; o < OB; ++o) {
                            RESIDUA_UNROLL
                            for (int i = 0; i < IG; ++i) {
                                f(sums[(u * OB + o) * IG + i], weights + u * next_tap + o * plane.weights_out_block + i * lanes);
                            }
                        }
                    }
                };
                for_sums([&](V& sum, const T* at)
                             RESIDUA_INLINE_LAMBDA { sum = plane.begins ? V(T(0)) : simd::load<T, Bytes>(at); });

                for (int row = rows.begin; row < rows.end; ++row) {
                    const T* in = plane.input + (block * plane.input_block + plane.taps[k].input + row * plane.input_row + group);
                    const T* dy = plane.gradient + row * plane.gradient_row;
                    for (Offset first = 0; first < plane.columns; first += pixels_a_fetch) {
                        if (plane.ahead) plane.ahead->fetch();
                        const Offset end = std::min<Offset>(plane.columns, first + pixels_a_fetch);
                        for (Offset column = first; column < end; ++column) {
                            // (As one number where it can be: g++ then has 64 channels on 8x8 in 0.88 of the time.)
                            const Offset at = column * lanes;
                            const T* from = in + (Pixel == lanes ? at * Step : column * (Step * Pixel));
                            if constexpr (Taps > 1) simd::forget(from);
                            V gradient[static_cast<Size>(OB)];
                            RESIDUA_UNROLL
                            for (int o = 0; o < OB; ++o) {
                                gradient[o] = simd::load<T, Bytes>(dy + (at + o * plane.gradient_block));
                            }
                            RESIDUA_UNROLL
                            for (int u = 0; u < Taps; ++u) {
                                for_inputs<IG, OwnGroup>([&](auto i) RESIDUA_INLINE_LAMBDA {
                                    const V value = gradient_input<T, Bytes, OwnGroup>(from + u * Pixel, i);
                                    RESIDUA_UNROLL
                                    for (int o = 0; o < OB; ++o) {
                                        V& sum = sums[(u * OB + o) * IG + i];
                                        sum = simd::fma(value, gradient[o], sum);
                                    }
                                });
                            }
                        }
                    }
                }

                for_sums([&](const V& sum, T* at) RESIDUA_INLINE_LAMBDA { simd::store(at, sum); });
            }
        }
    }
}

// Three taps of a row at once, for one output block and a stride of one: an input is broadcast once and meets the gradients of
// the three pixels whose window it is in. IG broadcasts and one load feed 3 IG FMAs, where the general kernel is bound by loads.
// `taps` come in threes (a row of the window); rows have at least two columns.
template <class T, int IG, int Pixel, int OwnGroup, int Bytes>
__attribute__((noinline)) void add_weight_gradient_rows_of_three(const GradientPlane<T>& plane, int first_row, int last_row) {
    using V = simd::Line<T, Bytes>;
    constexpr int lanes = simd::lanes<T>;
    static_assert(OwnGroup == 0 || OwnGroup == IG);

    for (int block = 0; block < plane.input_blocks; ++block) {
        const int channels = block + 1 == plane.input_blocks ? plane.last_channels : lanes;
        for (int k = 0; k < plane.tap_count; k += 3) {
            const Range rows = rows_within(plane.taps[k], 1, plane.input_rows, Range{first_row, last_row});
            if (rows.begin == rows.end) continue;
            for (int group = 0; group < channels; group += IG) {
                T* weights = plane.weights + (block * plane.weights_in_block + plane.taps[k].weights + group * lanes);
                const Offset next_tap = plane.taps[k + 1].weights - plane.taps[k].weights;
                V sums[static_cast<Size>(3 * IG)];
                RESIDUA_UNROLL
                for (int u = 0; u < 3; ++u) {
                    RESIDUA_UNROLL
                    for (int i = 0; i < IG; ++i) sums[u * IG + i] = simd::load<T, Bytes>(weights + u * next_tap + i * lanes);
                }

                for (int row = rows.begin; row < rows.end; ++row) {
                    const T* in = plane.input + (block * plane.input_block + plane.taps[k].input + row * plane.input_row + group);
                    const T* dy = plane.gradient + row * plane.gradient_row;

                    // Column c of the input meets dy[c] at tap 0, dy[c - 1] at tap 1, dy[c - 2] at tap 2. The first and last two
                    // columns meet fewer: zeros in their place would make NaN of an infinity.
                    V older(T(0));
                    V old(T(0));
                    const auto column = [&](Offset c, auto first, auto last) RESIDUA_INLINE_LAMBDA {
                        V now(T(0));
                        if constexpr (first == 0) now = simd::load<T, Bytes>(dy + c * lanes);
                        for_inputs<IG, OwnGroup>([&](auto i) RESIDUA_INLINE_LAMBDA {
                            const V value = gradient_input<T, Bytes, OwnGroup>(in + c * Pixel, i);
                            if constexpr (first <= 0 && last >= 0) sums[i] = simd::fma(value, now, sums[i]);
                            if constexpr (first <= 1 && last >= 1) sums[IG + i] = simd::fma(value, old, sums[IG + i]);
                            if constexpr (first <= 2 && last >= 2) sums[2 * IG + i] = simd::fma(value, older, sums[2 * IG + i]);
                        });
                        older = old;
                        old = now;
                    };
                    using Zero = std::integral_constant<int, 0>;
                    using One = std::integral_constant<int, 1>;
                    using Two = std::integral_constant<int, 2>;
                    column(0, Zero{}, Zero{});
                    column(1, Zero{}, One{});
                    // (By clang 22, 16 channels on 32x32: 72 -> 87 % of the peak.)
                    RESIDUA_ROLLED
                    for (Offset c = 2; c < plane.columns; ++c) column(c, Zero{}, Two{});
                    column(plane.columns, One{}, Two{});
                    column(plane.columns + 1, Two{}, Two{});
                }

                RESIDUA_UNROLL
                for (int u = 0; u < 3; ++u) {
                    RESIDUA_UNROLL
                    for (int i = 0; i < IG; ++i) simd::store(weights + u * next_tap + i * lanes, sums[u * IG + i]);
                }
            }
        }
    }
}

}  // namespace residua::inline RESIDUA_ISA::kernels
