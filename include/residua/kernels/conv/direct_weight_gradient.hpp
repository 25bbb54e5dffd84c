// The weight gradient of direct convolutions, cut into chunks of images.
#pragma once

#include <residua/kernels/conv/plan.hpp>
#include <residua/kernels/conv/weight_gradient_tile.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

template <class T, ConvGeometry Geometry>
class DirectWeightGradient {
    static constexpr DirectPlan p = direct_plan(Geometry, simd::lanes<T>, sizeof(T));
    static constexpr Window window = p.g.window;
    static constexpr auto taps = input_taps<p.taps>(p);

public:
    static constexpr Size scratch = static_cast<Size>(p.most_chunks) * p.partial;

    // dw += dy * x, and the bias's: sums over chunks of images, which are added in their order.
    static void run(const Team& team, int n, ConvInput<T> x, const T* dy, T* dw, T* dbias, T* partials) {
        const int chunks = std::min(n, p.most_chunks);
        constexpr int groups = p.forward_groups();
        const int cut = chunks < few_images ? groups : 1;
        team.run(chunks * cut, [&](int task, std::byte* own) {
            const int chunk = task / cut;
            const Range of_groups = part_of(groups, cut, task % cut);
            T* partial = partials + static_cast<Size>(chunk) * p.partial;
            clear(partial, of_groups);
            const Range images = part_of(n, chunks, chunk);
            for (int image = images.begin; image < images.end; ++image) {
                add_image(x, dy, image, of_groups, partial, dbias != nullptr, own);
            }
        });
        team.run(p.out_blocks, [&](int block, std::byte*) { combine(partials, chunks, block, dw, dbias); });
    }

private:
    static void clear(T* partial, Range groups) {
        const int first = groups.begin * p.forward_blocks;
        const int last = std::min(p.out_blocks, groups.end * p.forward_blocks);
        std::memset(partial + static_cast<Offset>(first) * p.in_blocks * p.cell, 0,
                    static_cast<Size>((last - first) * p.in_blocks * p.cell) * sizeof(T));
        std::memset(partial + p.weights + static_cast<Size>(first) * p.lanes, 0,
                    static_cast<Size>(last - first) * p.lanes * sizeof(T));
    }

    static void add_image(ConvInput<T> x, const T* dy, int image, Range groups, T* partial, bool with_bias, std::byte* own) {
        const Size at = static_cast<Size>(image);
        const T* in = x.data + at * p.in_image;
        if (p.has_padding || x.scale) {
            T* copy = reinterpret_cast<T*>(own);
            copy_with_halo(in, x.scale, x.shift, p.g.in, p.input_halo, copy);
            in = copy;
        }

        GradientPlane<T> plane;
        plane.input = in;
        plane.input_block = static_cast<Offset>(p.input_halo.pixels()) * p.lanes;
        plane.input_row = static_cast<Offset>(p.input_halo.width) * window.stride * p.lanes;
        plane.input_rows = p.g.in.height;
        plane.input_blocks = p.in_blocks;
        plane.last_channels = p.last_in;
        plane.taps = taps.data();
        plane.tap_count = p.taps;
        plane.gradient_block = static_cast<Offset>(p.g.out.pixels()) * p.lanes;
        plane.gradient_row = static_cast<Offset>(p.g.out.width) * p.lanes;
        plane.rows = p.g.out.height;
        plane.columns = p.g.out.width;
        plane.weights_out_block = p.in_blocks * p.cell;
        plane.weights_in_block = p.cell;

        for (int group = groups.begin; group < groups.end; ++group) {
            const int first = group * p.forward_blocks;
            plane.gradient = dy + at * p.out_image + first * plane.gradient_block;
            plane.weights = partial + first * plane.weights_out_block;
            // Bands of rows that stay in the first-level cache over all taps.
            constexpr int band_bytes = 16 * 1024;
            constexpr int row_bytes =
                static_cast<int>(sizeof(T)) * p.lanes * (p.input_halo.width * window.stride + p.g.out.width * p.forward_blocks);
            constexpr int band = std::max(1, band_bytes / row_bytes);
            for (int row = 0; row < p.g.out.height; row += band) {
                add_band(plane, row, std::min(p.g.out.height, row + band), p.out_blocks - first);
            }
            if (with_bias)
                add_bias(plane, partial + p.weights + static_cast<Size>(first) * p.lanes,
                         std::min(p.forward_blocks, p.out_blocks - first));
        }
    }

    static void add_band(const GradientPlane<T>& plane, int first_row, int last_row, int left) {
        // Accumulators: as many as the registers hold beside weights and a broadcast.
        constexpr int most = simd::registers == 32 ? 16 : 8;
        if constexpr (p.forward_blocks == 2) {
            if (left >= 2) {
                constexpr int inputs = std::min({p.lanes, most / 2, p.g.in.channels <= 4 ? 4 : most});
                add_weight_gradient<T, 2, inputs, window.stride>(plane, first_row, last_row);
                return;
            }
        }
        if constexpr (p.forward_blocks == 1 || p.out_blocks % 2 != 0) add_band_of_one(plane, first_row, last_row);
    }
    static void add_band_of_one(const GradientPlane<T>& plane, int first_row, int last_row) {
        constexpr int most = simd::registers == 32 ? 16 : 8;
        constexpr bool in_threes = window.size == 3 && window.stride == 1 && p.g.out.width >= 2;
        if constexpr (in_threes) {
            constexpr int inputs = std::min({p.lanes, simd::registers == 32 ? 8 : 4, p.g.in.channels <= 4 ? 4 : 8});
            add_weight_gradient_rows_of_three<T, inputs>(plane, first_row, last_row);
        } else {
            constexpr int inputs = std::min({p.lanes, most, p.g.in.channels <= 4 ? 4 : most});
            add_weight_gradient<T, 1, inputs, window.stride>(plane, first_row, last_row);
        }
    }

    static void add_bias(const GradientPlane<T>& plane, T* bias, int blocks) {
        for (int b = 0; b < blocks; ++b) {
            const T* dy = plane.gradient + b * plane.gradient_block;
            auto sum = simd::load(bias + b * p.lanes);
            for (Size k = 0; k < p.g.out.pixels(); ++k) sum = sum + simd::load(dy + k * p.lanes);
            sum.store_aligned(bias + b * p.lanes);
        }
    }

    // Adds the chunks of one output block, in their order.
    static void combine(const T* partials, int chunks, int block, T* dw, T* dbias) {
        const int real = block + 1 == p.out_blocks ? p.last_out : p.lanes;
        const auto total = [&](Size offset) {
            auto sum = simd::load(partials + offset);
            for (int c = 1; c < chunks; ++c) sum = sum + simd::load(partials + static_cast<Size>(c) * p.partial + offset);
            alignas(64) std::array<T, static_cast<Size>(p.lanes)> values;
            sum.store_aligned(values.data());
            return values;
        };

        for (int i = 0; i < p.g.in.channels; ++i) {
            const Offset pair = static_cast<Offset>(block) * p.in_blocks + i / p.lanes;
            for (int k = 0; k < p.taps; ++k) {
                const auto values = total(static_cast<Size>(pair * p.cell + (k * p.lanes + i % p.lanes) * p.lanes));
                T* to = dw + (static_cast<Offset>(block) * p.lanes * p.g.in.channels + i) * p.taps + k;
                for (int o = 0; o < real; ++o)
                    to[static_cast<Offset>(o) * p.g.in.channels * p.taps] += values[static_cast<Size>(o)];
            }
        }
        if (!dbias) return;
        const auto values = total(p.weights + static_cast<Size>(block) * p.lanes);
        for (int o = 0; o < real; ++o) dbias[block * p.lanes + o] += values[static_cast<Size>(o)];
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
