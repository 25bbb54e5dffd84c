// The weight gradient of direct convolutions, cut into chunks of images.
#pragma once

#include <residua/kernels/conv_direct_sizes.hpp>
#include <residua/kernels/conv_weight_gradient.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

template <class T, ConvGeometry Geometry>
class DirectWeightGradient : DirectSizes<T, Geometry> {
    using Sizes = DirectSizes<T, Geometry>;
    using Sizes::cell;
    using Sizes::few;
    using Sizes::forward_blocks;
    using Sizes::g;
    using Sizes::has_padding;
    using Sizes::in_blocks;
    using Sizes::in_image;
    using Sizes::input_halo;
    using Sizes::input_taps;
    using Sizes::lanes;
    using Sizes::last_in;
    using Sizes::last_out;
    using Sizes::most_chunks;
    using Sizes::out_blocks;
    using Sizes::out_image;
    using Sizes::partial_size;
    using Sizes::size;
    using Sizes::stride;
    using Sizes::tap_count;
    using Sizes::weights_size;

public:
    static constexpr Size scratch_size = static_cast<Size>(most_chunks) * partial_size;

    // dw += dy * x, and the bias's: sums over chunks of images, which are added in their order.
    static void run(const Team& team, int n, ConvInput<T> x, const T* dy, T* dw, T* dbias, T* scratch) {
        const int chunks = std::min(n, most_chunks);
        constexpr int groups = (out_blocks + forward_blocks - 1) / forward_blocks;
        const int cut = chunks < few ? groups : 1;
        team.run(chunks * cut, [&](int task, std::byte* own) {
            const int chunk = task / cut;
            const Range of_groups = part_of(groups, cut, task % cut);
            T* partial = scratch + static_cast<Size>(chunk) * partial_size;
            clear(partial, of_groups);
            const Range images = part_of(n, chunks, chunk);
            for (int image = images.begin; image < images.end; ++image) {
                add_image(x, dy, image, of_groups, partial, dbias != nullptr, own);
            }
        });
        team.run(out_blocks, [&](int block, std::byte*) { combine(scratch, chunks, block, dw, dbias); });
    }

private:
    static void clear(T* partial, Range groups) {
        const int first = groups.begin * forward_blocks;
        const int last = std::min(out_blocks, groups.end * forward_blocks);
        std::memset(partial + static_cast<Offset>(first) * in_blocks * cell, 0,
                    static_cast<Size>((last - first) * in_blocks * cell) * sizeof(T));
        std::memset(partial + weights_size + static_cast<Size>(first) * lanes, 0,
                    static_cast<Size>(last - first) * lanes * sizeof(T));
    }

    static void add_image(ConvInput<T> x, const T* dy, int image, Range groups, T* partial, bool with_bias, std::byte* own) {
        const Size at = static_cast<Size>(image);
        const T* in = x.data + at * in_image;
        if (has_padding || x.scale) {
            T* copy = reinterpret_cast<T*>(own);
            copy_with_halo(in, x.scale, x.shift, g.in, input_halo, copy);
            in = copy;
        }

        GradientPlane<T> plane;
        plane.input = in;
        plane.input_block = static_cast<Offset>(input_halo.pixels()) * lanes;
        plane.input_row = static_cast<Offset>(input_halo.width) * stride * lanes;
        plane.input_rows = g.in.height;
        plane.input_blocks = in_blocks;
        plane.last_channels = last_in;
        plane.taps = input_taps.data();
        plane.tap_count = tap_count;
        plane.gradient_block = static_cast<Offset>(g.out.pixels()) * lanes;
        plane.gradient_row = static_cast<Offset>(g.out.width) * lanes;
        plane.rows = g.out.height;
        plane.columns = g.out.width;
        plane.weights_out_block = in_blocks * cell;
        plane.weights_in_block = cell;

        for (int group = groups.begin; group < groups.end; ++group) {
            const int first = group * forward_blocks;
            plane.gradient = dy + at * out_image + first * plane.gradient_block;
            plane.weights = partial + first * plane.weights_out_block;
            // Bands of rows that stay in the first-level cache over all taps.
            constexpr int band_bytes = 16 * 1024;
            constexpr int row_bytes =
                static_cast<int>(sizeof(T)) * lanes * (input_halo.width * stride + g.out.width * forward_blocks);
            constexpr int band = std::max(1, band_bytes / row_bytes);
            for (int row = 0; row < g.out.height; row += band) {
                add_band(plane, row, std::min(g.out.height, row + band), out_blocks - first);
            }
            if (with_bias)
                add_bias(plane, partial + weights_size + static_cast<Size>(first) * lanes,
                         std::min(forward_blocks, out_blocks - first));
        }
    }

    static void add_band(const GradientPlane<T>& plane, int first_row, int last_row, int left) {
        // Accumulators: as many as the registers hold beside weights and a broadcast.
        constexpr int most = simd::registers == 32 ? 16 : 8;
        if constexpr (forward_blocks == 2) {
            if (left >= 2) {
                constexpr int inputs = std::min({lanes, most / 2, g.in.channels <= 4 ? 4 : most});
                add_weight_gradient<T, 2, inputs, stride>(plane, first_row, last_row);
                return;
            }
        }
        if constexpr (forward_blocks == 1 || out_blocks % 2 != 0) add_band_of_one(plane, first_row, last_row);
    }
    static void add_band_of_one(const GradientPlane<T>& plane, int first_row, int last_row) {
        constexpr int most = simd::registers == 32 ? 16 : 8;
        constexpr bool in_threes = size == 3 && stride == 1 && g.out.width >= 2;
        if constexpr (in_threes) {
            constexpr int inputs = std::min({lanes, simd::registers == 32 ? 8 : 4, g.in.channels <= 4 ? 4 : 8});
            add_weight_gradient_rows_of_three<T, inputs>(plane, first_row, last_row);
        } else {
            constexpr int inputs = std::min({lanes, most, g.in.channels <= 4 ? 4 : most});
            add_weight_gradient<T, 1, inputs, stride>(plane, first_row, last_row);
        }
    }

    static void add_bias(const GradientPlane<T>& plane, T* bias, int blocks) {
        for (int b = 0; b < blocks; ++b) {
            const T* dy = plane.gradient + b * plane.gradient_block;
            auto sum = simd::load(bias + b * lanes);
            for (Size p = 0; p < g.out.pixels(); ++p) sum = sum + simd::load(dy + p * lanes);
            sum.store_aligned(bias + b * lanes);
        }
    }

    // Adds the chunks of one output block, in their order.
    static void combine(const T* partials, int chunks, int block, T* dw, T* dbias) {
        const int real = block + 1 == out_blocks ? last_out : lanes;
        const auto total = [&](Size offset) {
            auto sum = simd::load(partials + offset);
            for (int c = 1; c < chunks; ++c) sum = sum + simd::load(partials + static_cast<Size>(c) * partial_size + offset);
            alignas(64) std::array<T, static_cast<Size>(lanes)> values;
            sum.store_aligned(values.data());
            return values;
        };

        for (int i = 0; i < g.in.channels; ++i) {
            const Offset pair = static_cast<Offset>(block) * in_blocks + i / lanes;
            for (int k = 0; k < tap_count; ++k) {
                const auto values = total(static_cast<Size>(pair * cell + (k * lanes + i % lanes) * lanes));
                T* to = dw + (static_cast<Offset>(block) * lanes * g.in.channels + i) * tap_count + k;
                for (int o = 0; o < real; ++o)
                    to[static_cast<Offset>(o) * g.in.channels * tap_count] += values[static_cast<Size>(o)];
            }
        }
        if (!dbias) return;
        const auto values = total(weights_size + static_cast<Size>(block) * lanes);
        for (int o = 0; o < real; ++o) dbias[block * lanes + o] += values[static_cast<Size>(o)];
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
