// Direct convolution of one geometry: its three passes on blocked images, cut into tasks.
#pragma once

#include <residua/kernels/conv/direct_weight_gradient.hpp>
#include <residua/kernels/conv/packing.hpp>
#include <residua/kernels/conv/weights_ahead.hpp>
#include <residua/kernels/norm/moments.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

// What the tiles of a bundle of output blocks are, in the forward pass of one image.
//
//   in, weights, y   as run_tiles has them, of the first block of all
//   bias             [out], or null
//   wide_bias        [blocks of a bundle][lanes], of zeros: is filled if there is a bias
//
// (This and the next by the plan's values: as functions of each geometry they were 3 % of what a network costs to compile.)
template <class T>
__attribute__((noinline)) TilePlane<T> forward_plane(const DirectPlan& p, const T* in, const T* weights, const T* bias, T* y,
                                                     int bundle, T* wide_bias) {
    const int first = p.blocks_of_forward(bundle).begin;
    const Range inputs = p.inputs_of(bundle);
    const Range slots = blocks_over(inputs, p.lanes);
    const int stride = p.g.window.stride;

    TilePlane<T> plane;
    plane.input_block = static_cast<Offset>(p.input_halo.pixels()) * p.input_pixel;
    plane.input = in + slots.begin * plane.input_block;
    plane.input_row = static_cast<Offset>(p.input_halo.width) * stride * p.input_pixel;
    plane.input_rows = p.g.in.height;
    plane.row_step = stride;
    plane.input_blocks = slots.end - slots.begin;
    plane.last_channels = inputs.end - (slots.end - 1) * p.lanes;
    plane.weights = weights + static_cast<Offset>(first) * p.in_slots * p.cell;
    plane.weights_out_block = p.in_slots * p.cell;
    plane.weights_in_block = p.cell;
    plane.output_block = static_cast<Offset>(p.g.out.pixels()) * p.lanes;
    plane.output = y + first * plane.output_block;
    plane.output_row = static_cast<Offset>(p.g.out.width) * p.lanes;
    plane.output_pixel = p.lanes;
    plane.rows = p.g.out.height;
    plane.columns = p.g.out.width;
    if (!bias) return plane;

    const int begin = first * p.lanes;
    const int channels = std::min(p.forward_blocks * p.lanes, p.g.out.channels - begin);
    std::copy_n(bias + begin, channels, wide_bias);
    plane.bias = wide_bias;
    return plane;
}

// The same of a bundle of input blocks in the data gradient, at the positions whose row and column are these modulo the stride.
//
//   dy, weights, dx   as run_tiles has them, of the first block of all
//   taps              [taps]: is filled with those that these positions meet, tap_count of them
template <class T>
__attribute__((noinline)) TilePlane<T> gradient_plane(const DirectPlan& p, const T* dy, const T* weights, T* dx, int bundle,
                                                      int row, int column, Tap* taps) {
    const Window& window = p.g.window;
    int count = 0;
    for (int u = 0; u < window.size; ++u) {
        for (int v = 0; v < window.size; ++v) {
            if (!meets(window, row, u) || !meets(window, column, v)) continue;
            const int y = shift(window, row, u);
            const int x = p.gradient_halo.left + shift(window, column, v);
            taps[count++] = {(static_cast<Offset>(y) * p.gradient_halo.width + x) * p.lanes,
                             static_cast<Offset>(u * window.size + v) * p.cell_rows * p.lanes, y};
        }
    }

    const int first = p.blocks_of_gradient(bundle).begin;
    const Range outputs = p.outputs_of(bundle);
    const Range slots = blocks_over(outputs, p.lanes);
    TilePlane<T> plane;
    plane.input_block = static_cast<Offset>(p.gradient_halo.pixels()) * p.lanes;
    plane.input = dy + slots.begin * plane.input_block;
    plane.input_row = static_cast<Offset>(p.gradient_halo.width) * p.lanes;
    plane.input_rows = p.g.out.height;
    plane.input_blocks = slots.end - slots.begin;
    plane.last_channels = outputs.end - (slots.end - 1) * p.lanes;
    plane.taps = taps;
    plane.tap_count = count;
    plane.weights = weights + static_cast<Offset>(first) * p.out_slots * p.cell;
    plane.weights_out_block = p.out_slots * p.cell;
    plane.weights_in_block = p.cell;
    plane.output_block = static_cast<Offset>(p.g.in.pixels()) * p.lanes;
    plane.output = dx + first * plane.output_block + (static_cast<Offset>(row) * p.g.in.width + column) * p.lanes;
    plane.output_row = static_cast<Offset>(p.g.in.width) * window.stride * p.lanes;
    plane.output_pixel = static_cast<Offset>(window.stride) * p.lanes;
    plane.rows = positions(p.g.in.height, window.stride, row);
    plane.columns = positions(p.g.in.width, window.stride, column);
    return plane;
}

// Weights come in PyTorch's order [out][in / groups][k][k], images in blocks of channels. See tile.hpp for the kernel.
template <class T, ConvGeometry Geometry>
class DirectConvolution {
    static constexpr DirectPlan p = direct_plan(Geometry, simd::lanes<T>, sizeof(T));
    static constexpr Window window = p.g.window;
    static constexpr auto taps_of_input = input_taps<p.taps>(p);
    static constexpr int gradient_bundles = p.gradient_bundles();
    using WeightGradient = DirectWeightGradient<T, Geometry>;

public:
    static constexpr Size packed = p.weights;
    static constexpr Size forward_scratch = 0;
    static constexpr Size forward_scratch_of_image = 0;
    static constexpr Size gradient_scratch = p.transposed_weights + WeightGradient::scratch;
    static constexpr std::size_t worker_bytes = p.worker_bytes;
    static constexpr std::size_t worker_bytes_of_one = worker_bytes;
    static constexpr std::size_t backward_worker_bytes = worker_bytes;
    static constexpr bool takes_pending = false;

    static void pack(const Team& team, const T* weights, T* to) { pack_weights(team, p, weights, to, false); }

    // y (+)= w * x + bias, with a ReLU if there is one; moments of y, if wanted, while it is in the cache. The sum is to y or, if
    // that is not null, to addend.
    template <bool Accumulates, Rectify R = Rectify::nowhere>
    static void forward(const Team& team, int n, ConvInput<T> x, const T* weights, const T* bias, T* y, T*, T* moments,
                        const T* addend = nullptr) {
        if (!addend) addend = y;
        constexpr int bundles = p.forward_bundles();
        team.run_images(n, bundles, [&](int image, Range of_bundles, std::byte* own) {
            const Size at = static_cast<Size>(image);
            const T* in = input_image(p, x, at, own);
            Ahead ahead;
            if (const Size next = next_of(n, image)) {
                ahead.reads(x.data + next * p.in_image, p.in_image * sizeof(T));
                if (Accumulates && addend != y) ahead.reads(addend + next * p.out_image, p.out_image * sizeof(T));
                ahead.writes(y + next * p.out_image, p.out_image * sizeof(T));
            }
            constexpr Size calls =
                static_cast<Size>(p.g.out.height) * tiles(p.g.out.width, p.forward_width) * p.in_slots * p.taps;
            ahead.spread_over(calls * bundles);
            for (int bundle = of_bundles.begin; bundle < of_bundles.end; ++bundle) {
                Ahead of_weights;
                const bool more = n < few_images && bundle + 1 < of_bundles.end;
                if (more) of_weights = weights_ahead(p, weights, bundle, calls);
                forward_bundle<Accumulates, R>(in, weights, bias, addend + at * p.out_image, y + at * p.out_image, bundle,
                                               more ? of_weights : ahead);
                if (!moments) continue;
                MomentKernels<T>::moments(y + at * p.out_image, p.g.out, p.blocks_of_forward(bundle),
                                          moments + at * 2 * p.out_wide);
            }
        });
    }

    // dx (+)= w' * dy; then what follows each image of it.
    template <bool Accumulates>
    static void data_gradient(const Team& team, int n, const T* dy, const T* weights, T* dx, T* scratch, ImageStage then = {}) {
        pack_weights(team, p, weights, scratch, true);
        team.run_images(n, gradient_bundles, [&](int image, Range of_bundles, std::byte* own) {
            Ahead ahead;
            if (const Size next = next_of(n, image)) {
                ahead.reads(dy + next * p.out_image, p.out_image * sizeof(T));
                ahead.writes(dx + next * p.in_image, p.in_image * sizeof(T));
            }
            image_gradient<Accumulates>(image, of_bundles, dy, scratch, dx, own, then, ahead);
        });
    }

    // dw += dy * x, and the bias's.
    static void weight_gradient(const Team& team, int n, ConvInput<T> x, const T* dy, T* dw, T* dbias, T* scratch) {
        WeightGradient::run(team, n, x, dy, dw, dbias, scratch, 0, [](int, Range, std::byte*) {});
    }

    // Both, image by image: dy is read from memory once. (Nothing is left to do of it: takes_pending.)
    template <bool Accumulates>
    static void gradients(const Team& team, int n, ConvInput<T> x, PendingGradient<T> dy, const T* weights, T* dw, T* dbias,
                          T* dx, T* scratch, ImageStage then = {}) {
        pack_weights(team, p, weights, scratch, true);
        WeightGradient::run(team, n, x, dy.data, dw, dbias, scratch + p.transposed_weights, gradient_bundles,
                            [&](int image, Range of_bundles, std::byte* own) {
                                Ahead ahead;
                                if (const Size next = next_of(n, image)) {
                                    ahead.reads(dy.data + next * p.out_image, p.out_image * sizeof(T));
                                    ahead.reads(x.data + next * p.in_image, p.in_image * sizeof(T));
                                    ahead.writes(dx + next * p.in_image, p.in_image * sizeof(T));
                                }
                                image_gradient<Accumulates>(image, of_bundles, dy.data, scratch, dx, own, then, ahead);
                            });
    }

private:
    static constexpr Size tiles(int columns, int width) { return static_cast<Size>((columns + width - 1) / width); }

    // The image that this worker is likely to be given after `image`, or 0: its own run of them is taken from the front.
    static Size next_of(int n, int image) {
        const bool ours = image + 1 < n && n >= few_images;
        return ours ? static_cast<Size>(image) + 1 : 0;
    }

    // Some bundles of one image's dx, and what follows.
    template <bool Accumulates>
    static void image_gradient(int image, Range of_bundles, const T* dy, const T* weights, T* dx, std::byte* own, ImageStage then,
                               Ahead& ahead) {
        const Size at = static_cast<Size>(image);
        const T* in = dy + at * p.out_image;
        if constexpr (p.gradient_needs_halo) {
            T* copy = reinterpret_cast<T*>(own);
            copy_with_halo<T>({in}, p.g.out, p.gradient_halo, copy);
            in = copy;
        }
        // (A phase of the stride has its share of rows, columns and taps.)
        ahead.spread_over(static_cast<Size>(positions(p.g.in.height, window.stride, 0)) *
                          tiles(positions(p.g.in.width, window.stride, 0), p.gradient_width) * gradient_bundles * p.out_slots *
                          p.taps);
        for (int bundle = of_bundles.begin; bundle < of_bundles.end; ++bundle) {
            for (int row = 0; row < std::min(window.stride, p.g.in.height); ++row) {
                for (int column = 0; column < std::min(window.stride, p.g.in.width); ++column) {
                    gradient_bundle<Accumulates>(in, weights, dx + at * p.in_image, bundle, row, column, ahead);
                }
            }
            then(image, p.blocks_of_gradient(bundle));
        }
    }

    template <bool Accumulates, Rectify R>
    static void forward_bundle(const T* in, const T* weights, const T* bias, const T* addend, T* y, int bundle, Ahead& ahead) {
        alignas(64) std::array<T, static_cast<Size>(p.forward_blocks * p.lanes)> wide_bias{};
        TilePlane<T> plane = forward_plane(p, in, weights, bias, y, bundle, wide_bias.data());
        plane.addend = addend + (plane.output - y);
        plane.taps = taps_of_input.data();
        plane.tap_count = p.taps;
        plane.ahead = &ahead;
        run_bundle<T, p.out_blocks, p.forward_blocks, p.forward_width, window.stride * p.input_pixel, p.own_group,
                   p.forward_bytes, Accumulates, R>(plane, p.out_blocks - p.blocks_of_forward(bundle).begin, p.last_out);
    }

    template <bool Accumulates>
    static void gradient_bundle(const T* dy, const T* weights, T* dx, int bundle, int row, int column, Ahead& ahead) {
        std::array<Tap, static_cast<Size>(p.taps)> taps{};
        TilePlane<T> plane = gradient_plane(p, dy, weights, dx, bundle, row, column, taps.data());
        if (Accumulates && plane.tap_count == 0) return;
        plane.addend = plane.output;
        plane.ahead = &ahead;
        run_bundle<T, p.in_blocks, p.gradient_blocks, p.gradient_width, p.lanes, p.own_group, p.gradient_bytes, Accumulates>(
            plane, p.in_blocks - p.blocks_of_gradient(bundle).begin, p.last_in);
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
