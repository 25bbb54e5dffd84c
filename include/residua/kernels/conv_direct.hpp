// Direct convolution of one geometry: its three passes on blocked images, cut into tasks.
#pragma once

#include <residua/kernels/conv_direct_weight_gradient.hpp>
#include <residua/kernels/moments.hpp>

namespace residua::inline RESIDUA_ISA {

// See DirectSizes for the order of weights, conv_tile.hpp for the kernel.
template <class T, ConvGeometry Geometry>
class DirectConvolution : kernels::DirectSizes<T, Geometry> {
    using Sizes = kernels::DirectSizes<T, Geometry>;
    using Sizes::cell;
    using Sizes::columns;
    using Sizes::few;
    using Sizes::forward_blocks;
    using Sizes::forward_width;
    using Sizes::g;
    using Sizes::gradient_blocks;
    using Sizes::gradient_halo;
    using Sizes::gradient_needs_halo;
    using Sizes::gradient_width;
    using Sizes::has_padding;
    using Sizes::in_blocks;
    using Sizes::in_image;
    using Sizes::input_halo;
    using Sizes::input_taps;
    using Sizes::lanes;
    using Sizes::last_in;
    using Sizes::last_out;
    using Sizes::out_blocks;
    using Sizes::out_image;
    using Sizes::out_wide;
    using Sizes::pack_as;
    using Sizes::size;
    using Sizes::stride;
    using Sizes::tap_count;
    using Sizes::weights_size;
    using Sizes::window;
    using WeightGradient = kernels::DirectWeightGradient<T, Geometry>;

public:
    static constexpr Size packed = weights_size;
    static constexpr Size gradient_scratch = std::max(weights_size, WeightGradient::scratch_size);
    using Sizes::worker_bytes;

    // [out][in][k][k] -> [out block][in block][tap][in lane][out lane], zeros beyond the last channels.
    static void pack(const T* weights, T* to) { pack_as(weights, to, false); }

    // y (+)= w * x + bias; moments of y, if wanted, while it is in the cache.
    template <bool Accumulates>
    static void forward(const Team& team, int n, ConvInput<T> x, const T* weights, const T* bias, T* y, T* moments) {
        constexpr int groups = (out_blocks + forward_blocks - 1) / forward_blocks;
        const auto body = [&](int image, int first, int last, std::byte* own) {
            const Size at = static_cast<Size>(image);
            const bool copies = has_padding || x.scale;
            const T* in = x.data + at * in_image;
            kernels::Halo halo = input_halo;
            if (copies) {
                T* copy = reinterpret_cast<T*>(own);
                kernels::copy_with_halo(in, x.scale, x.shift, g.in, halo, copy);
                in = copy;
            }
            constexpr Size taps =
                static_cast<Size>(g.out.height) * tiles(g.out.width, forward_width) * groups * in_blocks * tap_count;
            kernels::Ahead ahead = ahead_of(team, n, image, x.data, in_image, y, out_image, taps);
            for (int group = first; group < last; ++group) {
                forward_group<Accumulates>(in, weights, bias, y + at * out_image, group, ahead);
                if (!moments) continue;
                const Range blocks{group * forward_blocks, std::min(out_blocks, (group + 1) * forward_blocks)};
                image_moments(y + at * out_image, g.out, blocks, moments + at * 2 * out_wide);
            }
        };
        run(team, n, groups, body);
    }

    // dx (+)= w' * dy
    template <bool Accumulates>
    static void data_gradient(const Team& team, int n, const T* dy, const T* weights, T* dx, T* scratch) {
        pack_as(weights, scratch, true);
        constexpr int groups = (in_blocks + gradient_blocks - 1) / gradient_blocks;
        const auto body = [&](int image, int first, int last, std::byte* own) {
            const Size at = static_cast<Size>(image);
            const T* in = dy + at * out_image;
            if constexpr (gradient_needs_halo) {
                T* copy = reinterpret_cast<T*>(own);
                kernels::copy_with_halo<T>(in, nullptr, nullptr, g.out, gradient_halo, copy);
                in = copy;
            }
            // (A phase of the stride has its share of rows, columns and taps.)
            constexpr Size taps = static_cast<Size>(kernels::positions(g.in.height, stride, 0)) *
                                  tiles(kernels::positions(g.in.width, stride, 0), gradient_width) * groups * out_blocks *
                                  tap_count;
            kernels::Ahead ahead = ahead_of(team, n, image, dy, out_image, dx, in_image, taps);
            for (int group = first; group < last; ++group) {
                for (int row = 0; row < std::min(stride, g.in.height); ++row) {
                    for (int column = 0; column < std::min(stride, g.in.width); ++column) {
                        gradient_group<Accumulates>(in, scratch, dx + at * in_image, group, row, column, ahead);
                    }
                }
            }
        };
        run(team, n, groups, body);
    }

    // dw += dy * x, and the bias's.
    static void weight_gradient(const Team& team, int n, ConvInput<T> x, const T* dy, T* dw, T* dbias, T* scratch) {
        WeightGradient::run(team, n, x, dy, dw, dbias, scratch);
    }

private:
    // body(image, first group, last group, scratch)
    template <class Body>
    static void run(const Team& team, int n, int groups, const Body& body) {
        if (n >= few) {
            team.run(n, [&](int image, std::byte* own) { body(image, 0, groups, own); });
        } else {
            team.run(n * groups, [&](int task, std::byte* own) { body(task / groups, task % groups, task % groups + 1, own); });
        }
    }

    static constexpr Size tiles(int columns, int width) { return static_cast<Size>((columns + width - 1) / width); }

    // The image that this worker is likely to be given after `image`: teams take them in turn.
    static kernels::Ahead ahead_of(const Team& team, int n, int image, const T* reads, Size read_image, const T* writes,
                                   Size write_image, Size taps) {
        const int next = image + team.threads;
        if (next >= n || n < few) return {};
        const Size at = static_cast<Size>(next);
        return {reads + at * read_image, writes + at * write_image, read_image * sizeof(T), write_image * sizeof(T), taps};
    }

    template <bool Accumulates>
    static void forward_group(const T* in, const T* weights, const T* bias, T* y, int group, kernels::Ahead& ahead) {
        const int first = group * forward_blocks;
        alignas(64) T wide_bias[forward_blocks * lanes] = {};
        if (bias) {
            for (int c = 0; c < forward_blocks * lanes && first * lanes + c < g.out.channels; ++c)
                wide_bias[c] = bias[first * lanes + c];
        }

        kernels::TilePlane<T> plane;
        plane.input = in;
        plane.input_block = static_cast<kernels::Offset>(input_halo.pixels()) * lanes;
        plane.input_row = static_cast<kernels::Offset>(input_halo.width) * stride * lanes;
        plane.input_rows = g.in.height;
        plane.row_step = stride;
        plane.input_blocks = in_blocks;
        plane.last_channels = last_in;
        plane.taps = input_taps.data();
        plane.tap_count = tap_count;
        plane.weights = weights + static_cast<kernels::Offset>(first) * in_blocks * cell;
        plane.weights_out_block = in_blocks * cell;
        plane.weights_in_block = cell;
        plane.output_block = static_cast<kernels::Offset>(g.out.pixels()) * lanes;
        plane.output = y + first * plane.output_block;
        plane.output_row = static_cast<kernels::Offset>(g.out.width) * lanes;
        plane.output_pixel = lanes;
        plane.rows = g.out.height;
        plane.columns = g.out.width;
        plane.ahead = &ahead;
        plane.bias = bias ? wide_bias : nullptr;
        run_group<out_blocks, forward_blocks, forward_width, stride, Accumulates>(plane, out_blocks - first, last_out);
    }

    template <bool Accumulates>
    static void gradient_group(const T* dy, const T* weights, T* dx, int group, int row, int column, kernels::Ahead& ahead) {
        std::array<kernels::Tap, tap_count> taps{};
        int count = 0;
        for (int u = 0; u < size; ++u) {
            for (int v = 0; v < size; ++v) {
                if (!kernels::meets(window, row, u) || !kernels::meets(window, column, v)) continue;
                const int y = kernels::shift(window, row, u);
                const int x = gradient_halo.left + kernels::shift(window, column, v);
                taps[static_cast<Size>(count++)] = {(static_cast<kernels::Offset>(y) * gradient_halo.width + x) * lanes,
                                                    static_cast<kernels::Offset>(u * size + v) * lanes * lanes, y};
            }
        }
        if (Accumulates && count == 0) return;

        const int first = group * gradient_blocks;
        kernels::TilePlane<T> plane;
        plane.input = dy;
        plane.input_block = static_cast<kernels::Offset>(gradient_halo.pixels()) * lanes;
        plane.input_row = static_cast<kernels::Offset>(gradient_halo.width) * lanes;
        plane.input_rows = g.out.height;
        plane.input_blocks = out_blocks;
        plane.last_channels = last_out;
        plane.taps = taps.data();
        plane.tap_count = count;
        plane.weights = weights + static_cast<kernels::Offset>(first) * out_blocks * cell;
        plane.weights_out_block = out_blocks * cell;
        plane.weights_in_block = cell;
        plane.output_block = static_cast<kernels::Offset>(g.in.pixels()) * lanes;
        plane.output = dx + first * plane.output_block + (static_cast<kernels::Offset>(row) * g.in.width + column) * lanes;
        plane.output_row = static_cast<kernels::Offset>(g.in.width) * stride * lanes;
        plane.output_pixel = static_cast<kernels::Offset>(stride) * lanes;
        plane.rows = kernels::positions(g.in.height, stride, row);
        plane.columns = kernels::positions(g.in.width, stride, column);
        plane.ahead = &ahead;
        run_group<in_blocks, gradient_blocks, gradient_width, 1, Accumulates>(plane, in_blocks - first, last_in);
    }

    // A group of Blocks of All blocks, or the one that is left at the end.
    template <int All, int Blocks, int Width, int Step, bool Accumulates>
    static void run_group(kernels::TilePlane<T>& plane, int left, int last_lanes) {
        plane.real_lanes = left <= Blocks ? last_lanes : lanes;
        if constexpr (All % Blocks != 0) {
            if (left < Blocks) {
                kernels::run_tiles<T, 1, Width, Step, Accumulates>(plane);
                return;
            }
        }
        kernels::run_tiles<T, Blocks, Width, Step, Accumulates>(plane);
    }
};

}  // namespace residua::inline RESIDUA_ISA
