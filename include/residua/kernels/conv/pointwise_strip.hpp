// What is computed of one strip of pixels by a convolution of kernel 1: products of matrices, in the kernels of tiles.
#pragma once

#include <residua/kernels/conv/direct_weight_gradient.hpp>
#include <residua/kernels/conv/pointwise_plan.hpp>

#include <algorithm>
#include <array>

namespace residua::inline RESIDUA_ISA::kernels {

// A strip's share of each pass (pointwise.hpp).
template <class T, ConvGeometry Geometry>
class PointwiseStrip {
    static constexpr PointwisePlan plan = pointwise_plan(Geometry, simd::lanes<T>, sizeof(T));
    static constexpr DirectPlan p = plan.product;
    static constexpr Offset lanes = simd::lanes<T>;
    static constexpr bool strided = plan.stride > 1;
    static constexpr Size tiles(int width) { return static_cast<Size>((plan.most_pixels + width - 1) / width); }

public:
    // Lines of pixels: of the strip's first, and from block to block.
    struct Pixels {
        const T* data;
        Offset block;
    };

    // What the strip has of x, and of dy: where it lies, or a copy that is activated, completed, or without the pixels that a
    // stride leaves out. (What copies is never inlined: an instance in every pass is what compiling costs.)
    static Pixels inputs(const ConvInput<T>& x, int image, Range pixels, std::byte* own) {
        if (!strided && !x.scale) {
            return {x.data + static_cast<Size>(image) * plan.in_image() + static_cast<Size>(pixels.begin * lanes),
                    static_cast<Offset>(plan.in.pixels()) * lanes};
        }
        T* copy = reinterpret_cast<T*>(own);
        gather_inputs(plan, x, image, pixels, copy);
        return {copy, plan.most_pixels * lanes};
    }
    static Pixels gradients_of(const PendingGradient<T>& dy, int image, Range pixels, std::byte* own) {
        if (!dy.c1) {
            return {dy.data + static_cast<Size>(image) * plan.out_image() + static_cast<Size>(pixels.begin * lanes),
                    static_cast<Offset>(plan.out.pixels()) * lanes};
        }
        T* copy = reinterpret_cast<T*>(own) + plan.input_copy;
        gather_gradients(plan, dy, image, pixels, copy);
        return {copy, plan.most_pixels * lanes};
    }

    // The blocks of dx in these bundles.
    static constexpr Range blocks_of_bundles(Range bundles) {
        return {p.blocks_of_gradient(bundles.begin).begin, p.blocks_of_gradient(bundles.end - 1).end};
    }

    // y (+)= w * x + bias, the blocks of one bundle.
    template <bool Accumulates, Rectify R>
    static void forward(const Pixels& in, const T* weights, const T* bias, const T* addend, T* y, Range pixels, int bundle,
                        Ahead& ahead) {
        alignas(64) std::array<T, static_cast<Size>(p.forward_blocks * p.lanes)> wide_bias{};
        const int first = p.blocks_of_forward(bundle).begin;
        TilePlane<T> plane = reading<TilePlane<T>>(in, p.in_blocks, p.last_in);
        plane.weights = weights + first * p.in_slots * p.cell;
        plane.weights_out_block = p.in_slots * p.cell;
        plane.weights_in_block = p.cell;
        plane.output_block = static_cast<Offset>(plan.out.pixels()) * lanes;
        const Offset to = first * plane.output_block + pixels.begin * lanes;
        plane.output = y + to;
        plane.addend = addend + to;
        plane.output_pixel = lanes;
        plane.rows = 1;
        plane.columns = pixels.end - pixels.begin;
        plane.ahead = &ahead;
        if (bias) {
            const int channels = std::min(p.forward_blocks * p.lanes, plan.out.channels - first * p.lanes);
            std::copy_n(bias + first * lanes, channels, wide_bias.data());
            plane.bias = wide_bias.data();
        }
        run_bundle<T, p.out_blocks, p.forward_blocks, p.forward_width, lanes, 0, p.forward_bytes, Accumulates, R>(
            plane, p.out_blocks - first, p.last_out);
    }

    // dx (+)= w' * dy, the blocks of some bundles.
    template <bool Accumulates>
    static void data_gradient(const Pixels& gradient, const T* weights, int image, Range units, Range of_bundles, T* dx,
                              Ahead& ahead) {
        T* to = dx + static_cast<Size>(image) * plan.in_image();
        if constexpr (strided && !Accumulates) clear_rows(plan, units, blocks_of_bundles(of_bundles), to);

        TilePlane<T> plane = reading<TilePlane<T>>(gradient, p.out_blocks, p.last_out);
        plane.row_step = 0;
        plane.weights_out_block = p.out_slots * p.cell;
        plane.weights_in_block = p.cell;
        plane.output_block = static_cast<Offset>(plan.in.pixels()) * lanes;
        plane.output_pixel = plan.stride * lanes;
        if constexpr (strided) {
            plane.input_row = plan.out.width * lanes;
            plane.output_row = static_cast<Offset>(plan.in.width) * plan.stride * lanes;
            plane.rows = units.end - units.begin;
            plane.columns = plan.out.width;
        } else {
            plane.rows = 1;
            plane.columns = units.end - units.begin;
        }
        plane.ahead = &ahead;
        for (int bundle = of_bundles.begin; bundle < of_bundles.end; ++bundle) {
            const int first = p.blocks_of_gradient(bundle).begin;
            plane.weights = weights + first * p.out_slots * p.cell;
            plane.output = to + first * plane.output_block + units.begin * (strided ? plane.output_row : lanes);
            plane.addend = plane.output;
            run_bundle<T, p.in_blocks, p.gradient_blocks, p.gradient_width, lanes, 0, p.gradient_bytes, Accumulates>(
                plane, p.in_blocks - first, p.last_in);
        }
    }

    // Whether a strip writes all of a cell of sums, which then need not be zero before the first one.
    static constexpr bool fills_cells = p.last_in == lanes;

    // sums += dy * x, the blocks of some bundles.
    static void weight_gradient(const Pixels& in, const Pixels& gradient, int pixels, Range of_bundles, T* sums, bool begins,
                                bool with_bias, Ahead& ahead) {
        GradientPlane<T> plane = reading<GradientPlane<T>>(in, p.in_blocks, p.last_in);
        plane.gradient_block = gradient.block;
        plane.rows = 1;
        plane.columns = pixels;
        plane.ahead = &ahead;
        plane.weights_out_block = p.in_slots * p.cell;
        plane.weights_in_block = p.cell;
        plane.begins = begins;
        for (int bundle = of_bundles.begin; bundle < of_bundles.end; ++bundle) {
            const Range blocks = p.blocks_of_forward(bundle);
            plane.gradient = gradient.data + blocks.begin * plane.gradient_block;
            plane.weights = sums + blocks.begin * plane.weights_out_block;
            DirectWeightGradient<T, p.g>::add_band(plane, 0, 1, p.out_blocks - blocks.begin);
            if (with_bias) {
                DirectWeightGradient<T, p.g>::add_bias(plane, sums + p.weights + static_cast<Size>(blocks.begin * lanes),
                                                       blocks.end - blocks.begin);
            }
        }
    }

    // How often each of them fetches what comes next, in all bundles.
    static constexpr Size forward_calls = tiles(p.forward_width) * p.forward_bundles() * static_cast<Size>(p.in_slots);
    static constexpr Size data_gradient_calls = tiles(p.gradient_width) * p.gradient_bundles() * static_cast<Size>(p.out_slots);
    static constexpr Size weight_gradient_calls = tiles(pixels_a_fetch) * DirectWeightGradient<T, p.g>::groups_of_inputs();

private:
    static constexpr Tap only_tap{};

    // A plane of one tap, with what it reads.
    template <class Plane>
    static Plane reading(const Pixels& from, int blocks, int last_channels) {
        Plane plane;
        plane.input = from.data;
        plane.input_block = from.block;
        plane.input_rows = 1;
        plane.input_blocks = blocks;
        plane.last_channels = last_channels;
        plane.taps = &only_tap;
        plane.tap_count = 1;
        return plane;
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
