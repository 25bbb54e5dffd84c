// Direct convolution of one geometry: its three passes on blocked images, cut into tasks.
#pragma once

#include <residua/core/parallel.hpp>
#include <residua/kernels/conv_halo.hpp>
#include <residua/kernels/conv_weight_gradient.hpp>
#include <residua/kernels/moments.hpp>

#include <algorithm>
#include <array>
#include <cstring>

namespace residua::inline RESIDUA_ISA {

namespace kernels {

// A 1x1 convolution of stride one knows no rows.
constexpr ConvGeometry flattened(ConvGeometry g) {
    if (g.window != Window{1, 1, 0}) return g;
    const auto row = [](Shape s) { return Shape{s.channels, 1, static_cast<int>(s.pixels())}; };
    return {row(g.in), row(g.out), g.window};
}

// Positions of dx whose row (or column) is `phase` modulo the stride meet the taps u with (phase + before - u) divisible by it,
// at rows of dy that lie `shift` from their own number.
constexpr bool meets(Window w, int phase, int u) { return (phase + w.padding.before - u) % w.stride == 0; }
constexpr int shift(Window w, int phase, int u) { return (phase + w.padding.before - u) / w.stride; }
constexpr int positions(int extent, int stride, int phase) { return phase >= extent ? 0 : (extent - phase - 1) / stride + 1; }

// What dy needs around it so that every tap of every position of dx finds a value.
struct Reach {
    int before = 0;
    int extent = 0;  // with what lies before
};
constexpr Reach reach_of_gradient(Window w, int in, int out) {
    int lowest = 0;
    int highest = out - 1;
    for (int phase = 0; phase < std::min(w.stride, in); ++phase) {
        for (int u = 0; u < w.size; ++u) {
            if (!meets(w, phase, u)) continue;
            lowest = std::min(lowest, shift(w, phase, u));
            highest = std::max(highest, shift(w, phase, u) + positions(in, w.stride, phase) - 1);
        }
    }
    return {-lowest, highest + 1 - lowest};
}

}  // namespace kernels

// Weights in PyTorch's order [out][in][k][k]; images in blocks of channels. See kernels.md for what each function promises.
template <class T, ConvGeometry Geometry>
class DirectConvolution {
    using Offset = kernels::Offset;
    using Halo = kernels::Halo;
    using Tap = kernels::Tap;

    static constexpr ConvGeometry g = kernels::flattened(Geometry);
    static constexpr Window window = g.window;
    static constexpr int lanes = simd::lanes<T>;
    static constexpr int size = window.size;
    static constexpr int stride = window.stride;
    static constexpr int tap_count = size * size;
    static constexpr int in_blocks = blocks_of(g.in.channels, lanes);
    static constexpr int out_blocks = blocks_of(g.out.channels, lanes);
    static constexpr int last_in = g.in.channels - (in_blocks - 1) * lanes;
    static constexpr int last_out = g.out.channels - (out_blocks - 1) * lanes;
    static constexpr Size in_image = stored(g.in, lanes);
    static constexpr Size out_image = stored(g.out, lanes);
    static constexpr Offset cell = static_cast<Offset>(tap_count) * lanes * lanes;  // weights of a pair of blocks
    static constexpr Size out_wide = static_cast<Size>(out_blocks) * lanes;

    // Tiles of the forward pass and of the data gradient.
    static constexpr int forward_blocks = kernels::tile_blocks(out_blocks);
    static constexpr int forward_width = kernels::tile_width(forward_blocks, g.out.width);
    static constexpr int gradient_blocks = kernels::tile_blocks(in_blocks);
    static constexpr int gradient_width = kernels::tile_width(gradient_blocks, kernels::positions(g.in.width, stride, 0));

    static constexpr bool has_padding = window.padding != Padding(0);
    static constexpr Halo input_halo{g.in.height + window.padding.before + window.padding.after,
                                     g.in.width + window.padding.before + window.padding.after, window.padding.before,
                                     window.padding.before};

    // (Phases of a stride may differ by one column, and a tile reads the longest one's.)
    static constexpr kernels::Reach rows = kernels::reach_of_gradient(window, g.in.height, g.out.height);
    static constexpr kernels::Reach columns = kernels::reach_of_gradient(window, g.in.width, g.out.width);
    static constexpr Halo gradient_halo{rows.extent, columns.extent + (stride > 1 ? 1 : 0), rows.before, columns.before};
    static constexpr bool gradient_needs_halo = gradient_halo.height != g.out.height || gradient_halo.width != g.out.width;

    static constexpr Size input_halo_size = static_cast<Size>(in_blocks) * lanes * input_halo.pixels();
    static constexpr Size gradient_halo_size = static_cast<Size>(out_blocks) * lanes * gradient_halo.pixels();

    // Partial weight gradients, a chunk of images each, and those of the bias behind them.
    static constexpr Size weights_size = static_cast<Size>(out_blocks) * in_blocks * static_cast<Size>(cell);
    static constexpr Size partial_size = weights_size + out_wide;
    static constexpr int most_chunks = chunks_of(weights_size * sizeof(T));

    static constexpr int few = 8;  // images; fewer are cut by groups of output blocks too

public:
    static constexpr Size packed = weights_size;
    static constexpr Size gradient_scratch = std::max(weights_size, static_cast<Size>(most_chunks) * partial_size);
    static constexpr std::size_t worker_bytes = (std::max(input_halo_size, gradient_halo_size) * sizeof(T) + 63) / 64 * 64;

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
            Halo halo = input_halo;
            if (copies) {
                T* copy = reinterpret_cast<T*>(own);
                kernels::copy_with_halo(in, x.scale, x.shift, g.in, halo, copy);
                in = copy;
            }
            for (int group = first; group < last; ++group) {
                forward_group<Accumulates>(in, weights, bias, y + at * out_image, group);
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
            for (int group = first; group < last; ++group) {
                for (int row = 0; row < std::min(stride, g.in.height); ++row) {
                    for (int column = 0; column < std::min(stride, g.in.width); ++column) {
                        gradient_group<Accumulates>(in, scratch, dx + at * in_image, group, row, column);
                    }
                }
            }
        };
        run(team, n, groups, body);
    }

    // dw += dy * x, and the bias's: sums over chunks of images, which are added in their order.
    static void weight_gradient(const Team& team, int n, ConvInput<T> x, const T* dy, T* dw, T* dbias, T* scratch) {
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
    // body(image, first group, last group, scratch)
    template <class Body>
    static void run(const Team& team, int n, int groups, const Body& body) {
        if (n >= few) {
            team.run(n, [&](int image, std::byte* own) { body(image, 0, groups, own); });
        } else {
            team.run(n * groups, [&](int task, std::byte* own) { body(task / groups, task % groups, task % groups + 1, own); });
        }
    }

    static void pack_as(const T* weights, T* to, bool transposed) {
        std::memset(to, 0, weights_size * sizeof(T));
        const T* from = weights;
        for (int o = 0; o < g.out.channels; ++o) {
            for (int i = 0; i < g.in.channels; ++i) {
                const int major = transposed ? i : o;
                const int minor = transposed ? o : i;
                const int minor_blocks = transposed ? out_blocks : in_blocks;
                const Offset pair = static_cast<Offset>(major / lanes) * minor_blocks + minor / lanes;
                T* at = to + pair * cell + minor % lanes * lanes + major % lanes;
                for (int k = 0; k < tap_count; ++k) at[k * lanes * lanes] = *from++;
            }
        }
    }

    // Taps of the window on an image (or its halo) of that width.
    static constexpr std::array<Tap, tap_count> taps_on(int width) {
        std::array<Tap, tap_count> taps{};
        for (int u = 0; u < size; ++u) {
            for (int v = 0; v < size; ++v) {
                const int k = u * size + v;
                taps[static_cast<Size>(k)] = {(static_cast<Offset>(u) * width + v) * lanes,
                                              static_cast<Offset>(k) * lanes * lanes};
            }
        }
        return taps;
    }
    // (Without padding the halo has the image's own width.)
    static constexpr std::array<Tap, tap_count> input_taps = taps_on(input_halo.width);

    template <bool Accumulates>
    static void forward_group(const T* in, const T* weights, const T* bias, T* y, int group) {
        const int first = group * forward_blocks;
        alignas(64) T wide_bias[forward_blocks * lanes] = {};
        if (bias) {
            for (int c = 0; c < forward_blocks * lanes && first * lanes + c < g.out.channels; ++c)
                wide_bias[c] = bias[first * lanes + c];
        }

        kernels::TilePlane<T> plane;
        plane.input = in;
        plane.input_block = static_cast<Offset>(input_halo.pixels()) * lanes;
        plane.input_row = static_cast<Offset>(input_halo.width) * stride * lanes;
        plane.input_blocks = in_blocks;
        plane.last_channels = last_in;
        plane.taps = input_taps.data();
        plane.tap_count = tap_count;
        plane.weights = weights + static_cast<Offset>(first) * in_blocks * cell;
        plane.weights_out_block = in_blocks * cell;
        plane.weights_in_block = cell;
        plane.output_block = static_cast<Offset>(g.out.pixels()) * lanes;
        plane.output = y + first * plane.output_block;
        plane.output_row = static_cast<Offset>(g.out.width) * lanes;
        plane.output_pixel = lanes;
        plane.rows = g.out.height;
        plane.columns = g.out.width;
        plane.bias = bias ? wide_bias : nullptr;
        run_group<out_blocks, forward_blocks, forward_width, stride, Accumulates>(plane, out_blocks - first, last_out);
    }

    template <bool Accumulates>
    static void gradient_group(const T* dy, const T* weights, T* dx, int group, int row, int column) {
        std::array<Tap, tap_count> taps{};
        int count = 0;
        for (int u = 0; u < size; ++u) {
            for (int v = 0; v < size; ++v) {
                if (!kernels::meets(window, row, u) || !kernels::meets(window, column, v)) continue;
                const Offset y = gradient_halo.top + kernels::shift(window, row, u);
                const Offset x = gradient_halo.left + kernels::shift(window, column, v);
                taps[static_cast<Size>(count++)] = {(y * gradient_halo.width + x) * lanes,
                                                    static_cast<Offset>(u * size + v) * lanes * lanes};
            }
        }
        if (Accumulates && count == 0) return;

        const int first = group * gradient_blocks;
        kernels::TilePlane<T> plane;
        plane.input = dy;
        plane.input_block = static_cast<Offset>(gradient_halo.pixels()) * lanes;
        plane.input_row = static_cast<Offset>(gradient_halo.width) * lanes;
        plane.input_blocks = out_blocks;
        plane.last_channels = last_out;
        plane.taps = taps.data();
        plane.tap_count = count;
        plane.weights = weights + static_cast<Offset>(first) * out_blocks * cell;
        plane.weights_out_block = out_blocks * cell;
        plane.weights_in_block = cell;
        plane.output_block = static_cast<Offset>(g.in.pixels()) * lanes;
        plane.output = dx + first * plane.output_block + (static_cast<Offset>(row) * g.in.width + column) * lanes;
        plane.output_row = static_cast<Offset>(g.in.width) * stride * lanes;
        plane.output_pixel = static_cast<Offset>(stride) * lanes;
        plane.rows = kernels::positions(g.in.height, stride, row);
        plane.columns = kernels::positions(g.in.width, stride, column);
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
            kernels::copy_with_halo(in, x.scale, x.shift, g.in, input_halo, copy);
            in = copy;
        }

        kernels::GradientPlane<T> plane;
        plane.input = in;
        plane.input_block = static_cast<Offset>(input_halo.pixels()) * lanes;
        plane.input_row = static_cast<Offset>(input_halo.width) * stride * lanes;
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

    static void add_band(const kernels::GradientPlane<T>& plane, int first_row, int last_row, int left) {
        // Accumulators: as many as the registers hold beside weights and a broadcast.
        constexpr int most = simd::registers == 32 ? 16 : 8;
        if constexpr (forward_blocks == 2) {
            if (left >= 2) {
                constexpr int inputs = std::min({lanes, most / 2, g.in.channels <= 4 ? 4 : most});
                kernels::add_weight_gradient<T, 2, inputs, stride>(plane, first_row, last_row);
                return;
            }
        }
        if constexpr (forward_blocks == 1 || out_blocks % 2 != 0) add_band_of_one(plane, first_row, last_row);
    }
    static void add_band_of_one(const kernels::GradientPlane<T>& plane, int first_row, int last_row) {
        constexpr int most = simd::registers == 32 ? 16 : 8;
        constexpr bool in_threes = size == 3 && stride == 1 && g.out.width >= 2;
        if constexpr (in_threes) {
            constexpr int inputs = std::min({lanes, simd::registers == 32 ? 8 : 4, g.in.channels <= 4 ? 4 : 8});
            kernels::add_weight_gradient_rows_of_three<T, inputs>(plane, first_row, last_row);
        } else {
            constexpr int inputs = std::min({lanes, most, g.in.channels <= 4 ? 4 : most});
            kernels::add_weight_gradient<T, 1, inputs, stride>(plane, first_row, last_row);
        }
    }

    static void add_bias(const kernels::GradientPlane<T>& plane, T* bias, int blocks) {
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

}  // namespace residua::inline RESIDUA_ISA
