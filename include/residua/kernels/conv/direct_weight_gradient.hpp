// The weight gradient of direct convolutions, cut into chunks of images.
#pragma once

#include <residua/core/team.hpp>
#include <residua/kernels/conv/packing.hpp>
#include <residua/kernels/conv/plan.hpp>
#include <residua/kernels/conv/weight_gradient_tile.hpp>

#include <algorithm>
#include <cstring>

namespace residua::inline RESIDUA_ISA::kernels {

// to += the sums of a block of outputs and one of inputs, both full: what pack_full_cell does, back. (0.13 to 0.28 ns a weight on
// an Intel Xeon; scalar by scalar 0.5 to 0.8.)
//
//   cell   [tap][in][out lane]
//   to     [out][in][tap], an output's `output_step` from the one before
template <class T>
__attribute__((noinline)) void add_full_cell(const T* cell, int taps, T* to, Offset output_step) {
    using Tile = simd::Tile<T>;
    constexpr int lanes = simd::lanes<T>;
    CellLines<const T> lines(cell, taps);
    for (int column = 0; column < lanes * taps; column += Tile::width) {
        const T* from[static_cast<Size>(Tile::width)];
        for (const T*& line : from) line = lines.next();
        for (int out = 0; out < lanes; out += Tile::width) {
            Tile tile;
            simd::unroll<Tile::width>(
                [&](auto i) RESIDUA_INLINE_LAMBDA { tile.rows[i] = simd::Register<T>::load_aligned(from[i] + out); });
            tile.transpose();
            simd::unroll<Tile::width>([&](auto i) RESIDUA_INLINE_LAMBDA {
                T* const sum = to + ((out + i) * output_step + column);
                (simd::Register<T>::load_unaligned(sum) + tile.rows[i]).store_unaligned(sum);
            });
        }
    }
}

// Adds the chunks of one output block, in their order, to the gradients in PyTorch's layout.
//
//   partials   [chunks][out block][in slot][tap][row][out lane], and [out block][lane] of the bias, p.partial apart: the first
//              chunk's become all chunks' sums
//   dw         [out][in / groups][k][k]
//   dbias      [out], or null
template <class T>
void combine_block(const DirectPlan& p, T* partials, int chunks, int block, T* dw, T* dbias) {
    constexpr Size lanes = simd::lanes<T>;
    const int real = block + 1 == p.out_blocks ? p.last_out : p.lanes;
    const auto add_up = [&](T* first, Size size) {
        for (int c = 1; c < chunks; ++c) {
            const T* from = first + static_cast<Size>(c) * p.partial;
            for (Size i = 0; i < size; i += lanes) simd::store(first + i, simd::load(first + i) + simd::load(from + i));
        }
    };

    // Each input of the block's groups with the outputs of its own: elsewhere sums are not weights. Output by output, whose
    // weights lie side by side: those of a line may lie a power of two apart, and would share a set of the cache.
    const int inputs_a_group = p.from_out.other;
    const Range slots = blocks_over(p.inputs_of(block / p.forward_blocks), p.lanes);
    for (int slot = slots.begin; slot < slots.end; ++slot) {
        T* cell = partials + (static_cast<Offset>(block) * p.in_slots + slot - slots.begin) * p.cell;
        add_up(cell, static_cast<Size>(p.cell));
        if (p.g.groups == 1 && real == p.lanes && (slot + 1) * p.lanes <= inputs_a_group) {
            T* to = dw + (static_cast<Offset>(block) * p.lanes * inputs_a_group + slot * p.lanes) * p.taps;
            add_full_cell(cell, p.taps, to, static_cast<Offset>(inputs_a_group) * p.taps);
            continue;
        }
        for (int o = 0; o < real; ++o) {
            const int out = block * p.lanes + o;
            const int first = out / p.from_out.own * inputs_a_group;  // input of its group
            const int begin = std::max(first, slot * p.lanes);
            const int end = std::min(first + inputs_a_group, (slot + 1) * p.lanes);
            T* to = dw + (static_cast<Offset>(out) * inputs_a_group + begin - first) * p.taps;
            for (int i = begin; i < end; ++i, to += p.taps) {
                const int row = p.own_group > 0 ? i - first : i - slot * p.lanes;
                for (int k = 0; k < p.taps; ++k) to[k] += cell[(k * p.cell_rows + row) * p.lanes + o];
            }
        }
    }
    if (!dbias) return;
    T* bias = partials + p.weights + static_cast<Size>(block) * lanes;
    add_up(bias, lanes);
    for (int o = 0; o < real; ++o) dbias[block * p.lanes + o] += bias[o];
}

// The same of all blocks. (By the plan's values: as a function of each geometry, it was a tenth of what a network's convolutions
// cost to compile.)
template <class T>
__attribute__((noinline)) void combine_chunks(const Team& team, const DirectPlan& p, T* partials, int chunks, T* dw, T* dbias) {
    team.run(p.out_blocks, [&](int block, std::byte*) { combine_block(p, partials, chunks, block, dw, dbias); });
}

// Zeros in the partial sums of some bundles, and of the bias; or of the bias alone.
template <class T>
void clear_sums(const DirectPlan& p, Range bundles, T* partial, bool bias_alone = false) {
    const int first = p.blocks_of_forward(bundles.begin).begin;
    const int last = p.blocks_of_forward(bundles.end - 1).end;
    if (!bias_alone) {
        std::memset(partial + static_cast<Offset>(first) * p.in_slots * p.cell, 0,
                    static_cast<Size>((last - first) * p.in_slots * p.cell) * sizeof(T));
    }
    std::memset(partial + p.weights + static_cast<Size>(first * p.lanes), 0,
                static_cast<Size>((last - first) * p.lanes) * sizeof(T));
}

template <class T, ConvGeometry Geometry>
class DirectWeightGradient {
    static constexpr DirectPlan p = direct_plan(Geometry, simd::lanes<T>, sizeof(T));
    static constexpr Window window = p.g.window;
    static constexpr auto taps = input_taps<p.taps>(p);
    static constexpr int bytes = p.forward_bytes;
    // Accumulators: half of what the registers hold, beside gradients and a broadcast.
    static constexpr int most_lines = simd::lines_in_registers(bytes) / 2;

public:
    static constexpr Size scratch = static_cast<Size>(p.most_chunks) * p.partial;
    // How often the bands of all bundles go over a row of pixels, for each tap.
    static constexpr Size groups_of_inputs() {
        const int at_once = inputs_at_once(p.forward_blocks == 2 ? most_lines / 2 : most_lines);
        const int groups = (p.in_slots - 1) * blocks_of(p.lanes, at_once) + blocks_of(p.last_in, at_once);
        return static_cast<Size>(p.forward_bundles() * groups);
    }

    // dw += dy * x, and the bias's: sums over chunks of images, which are added in their order. Then, of each image while it is
    // in the cache, beside(image, its share of `others` things, own).
    template <class Beside>
    static void run(const Team& team, int n, ConvInput<T> x, const T* dy, T* dw, T* dbias, T* partials, int others,
                    Beside beside) {
        const int chunks = std::min(n, p.most_chunks);
        constexpr int bundles = p.forward_bundles();
        const int shares = std::max(bundles, others);
        team.run_images(chunks, shares, [&](int chunk, Range of_shares, std::byte* own) {
            const Range of_bundles = same_share(of_shares, shares, bundles);
            const Range of_others = same_share(of_shares, shares, others);
            T* partial = partials + static_cast<Size>(chunk) * p.partial;
            if (of_bundles.begin < of_bundles.end) clear_sums(p, of_bundles, partial);
            const Range images = part_of(n, chunks, chunk);
            for (int image = images.begin; image < images.end; ++image) {
                if (of_bundles.begin < of_bundles.end) add_image(x, dy, image, of_bundles, partial, dbias != nullptr, own);
                if (of_others.begin < of_others.end) beside(image, of_others, own);
            }
        });
        combine_chunks(team, p, partials, chunks, dw, dbias);
    }

    // The sums of some rows of one image, whose bundle begins so many blocks before the last one's end.
    static void add_band(GradientPlane<T> plane, int first_row, int last_row, int left) {
        if constexpr (blocks_at_once == 2) {
            if (left >= 2) {
                constexpr int inputs = inputs_at_once(most_lines / 2);
                add_weight_gradient<T, 2, inputs, taps_at_once(2), window.stride, p.input_pixel, 0, bytes>(plane, first_row,
                                                                                                           last_row);
                return;
            }
        } else if constexpr (p.forward_blocks == 2) {
            if (left >= 2) {
                add_band_of_one(plane, first_row, last_row);
                plane.gradient += plane.gradient_block;
                plane.weights += plane.weights_out_block;
            }
        }
        if constexpr (blocks_at_once == 1 || p.out_blocks % 2 != 0) add_band_of_one(plane, first_row, last_row);
        if constexpr (p.own_group > 0) {
            constexpr int part = bytes / static_cast<int>(sizeof(T));
            for (int lane = part; lane < p.lanes; lane += part) {
                plane.input += part;
                plane.gradient += part;
                plane.weights += part;
                add_band_of_one(plane, first_row, last_row);
            }
        }
    }

    // dbias += the sums of dy's channels, of so many blocks.
    static void add_bias(const GradientPlane<T>& plane, T* bias, int blocks) {
        for (int b = 0; b < blocks; ++b) {
            const T* dy = plane.gradient + b * plane.gradient_block;
            auto sum = simd::load(bias + b * p.lanes);
            for (int row = 0; row < plane.rows; ++row) {
                for (int k = 0; k < plane.columns; ++k) sum = sum + simd::load(dy + row * plane.gradient_row + k * p.lanes);
            }
            simd::store(bias + b * p.lanes, sum);
        }
    }

private:
    // (An own group is taken as a whole; and so are a stem's few channels, since one more would be a quarter of the work.)
    static constexpr int inputs_at_once(int most) {
        if (p.own_group > 0) return p.own_group;
        return std::min({p.cell_rows, most, p.stem > 0 ? p.stem : most});
    }

    // Taps of a row of the window at once, of so many blocks. A stem's few channels alone are too few sums to hide what an FMA
    // takes: with all seven taps of a row ResNet-50's has 89 % of the peak of an Intel Xeon, with one 48.
    static constexpr int taps_at_once(int blocks) {
        const int free = simd::lines_in_registers(bytes) - blocks - 1;
        return p.stem > 0 && blocks * p.stem * window.size <= free ? window.size : 1;
    }

    // A bundle's; or one, where the registers do not hold so many taps of two.
    static constexpr int blocks_at_once = p.forward_blocks == 2 && taps_at_once(2) < taps_at_once(1) ? 1 : p.forward_blocks;

    static void add_image(ConvInput<T> x, const T* dy, int image, Range bundles, T* partial, bool with_bias, std::byte* own) {
        const Size at = static_cast<Size>(image);
        const T* in = input_image(p, x, at, own);

        GradientPlane<T> plane;
        plane.input_block = static_cast<Offset>(p.input_halo.pixels()) * p.input_pixel;
        plane.input_row = static_cast<Offset>(p.input_halo.width) * window.stride * p.input_pixel;
        plane.input_rows = p.g.in.height;
        plane.taps = taps.data();
        plane.tap_count = p.taps;
        plane.gradient_block = static_cast<Offset>(p.g.out.pixels()) * p.lanes;
        plane.gradient_row = static_cast<Offset>(p.g.out.width) * p.lanes;
        plane.rows = p.g.out.height;
        plane.columns = p.g.out.width;
        plane.weights_out_block = p.in_slots * p.cell;
        plane.weights_in_block = p.cell;

        for (int bundle = bundles.begin; bundle < bundles.end; ++bundle) {
            const int first = p.blocks_of_forward(bundle).begin;
            const Range inputs = p.inputs_of(bundle);
            const Range slots = blocks_over(inputs, p.lanes);
            plane.input = in + slots.begin * plane.input_block;
            plane.input_blocks = slots.end - slots.begin;
            plane.last_channels = p.own_group > 0 ? p.own_group : inputs.end - (slots.end - 1) * p.lanes;
            plane.gradient = dy + at * p.out_image + first * plane.gradient_block;
            plane.weights = partial + first * plane.weights_out_block;
            // Bands of rows that stay in the first-level cache over all taps.
            constexpr int band_bytes = 16 * 1024;
            constexpr int row_bytes = static_cast<int>(sizeof(T)) * (p.input_halo.width * window.stride * p.input_pixel +
                                                                     p.g.out.width * p.forward_blocks * p.lanes);
            constexpr int band = std::max(1, band_bytes / row_bytes);
            for (int row = 0; row < p.g.out.height; row += band) {
                add_band(plane, row, std::min(p.g.out.height, row + band), p.out_blocks - first);
            }
            if (with_bias)
                add_bias(plane, partial + p.weights + static_cast<Size>(first) * p.lanes,
                         std::min(p.forward_blocks, p.out_blocks - first));
        }
    }

    static void add_band_of_one(const GradientPlane<T>& plane, int first_row, int last_row) {
        constexpr int most_in_threes = most_lines / 2;
        constexpr bool in_threes = window.size == 3 && window.stride == 1 && p.g.out.width >= 2 &&
                                   simd::lines_in_registers(bytes) >= 16 && p.own_group <= most_in_threes;
        if constexpr (in_threes) {
            add_weight_gradient_rows_of_three<T, inputs_at_once(most_in_threes), p.input_pixel, p.own_group, bytes>(
                plane, first_row, last_row);
        } else {
            add_weight_gradient<T, 1, inputs_at_once(most_lines), taps_at_once(1), window.stride, p.input_pixel, p.own_group,
                                bytes>(plane, first_row, last_row);
        }
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
