// A convolution of single pixels (kernel 1, no padding, one group): its three passes on blocked images, cut into tasks.
#pragma once

#include <residua/kernels/conv/direct_weight_gradient.hpp>
#include <residua/kernels/conv/pointwise_plan.hpp>
#include <residua/kernels/norm/moments.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

// Weights come in PyTorch's order [out][in], images in blocks of channels. The sums are those of a direct convolution, in the
// same order. See tile.hpp for the kernel.
template <class T, ConvGeometry Geometry>
class PointwiseConvolution {
    static constexpr PointwisePlan plan = pointwise_plan(Geometry, simd::lanes<T>, sizeof(T));
    static constexpr DirectPlan p = plan.product;
    static constexpr Offset lanes = simd::lanes<T>;
    static constexpr int forward_bundles = p.forward_bundles();
    static constexpr int gradient_bundles = p.gradient_bundles();
    static constexpr bool strided = plan.stride > 1;

public:
    static constexpr Size packed = p.weights;
    static constexpr Size forward_scratch = 0;
    static constexpr Size gradient_scratch = p.transposed_weights + static_cast<Size>(p.most_chunks) * p.partial;
    static constexpr std::size_t worker_bytes = (plan.input_copy + plan.gradient_copy) * sizeof(T);
    static constexpr std::size_t worker_bytes_of_one = worker_bytes;
    static constexpr std::size_t backward_worker_bytes = worker_bytes;
    static constexpr bool takes_pending = true;

    static void pack(const Team& team, const T* weights, T* to) { pack_weights(team, p, weights, to, false); }

    // y (+)= w * x + bias, with a ReLU if there is one; moments of y, if wanted, while it is in the cache. The sum is to y or, if
    // that is not null, to addend.
    template <bool Accumulates, Rectify R = Rectify::nowhere>
    static void forward(const Team& team, int n, ConvInput<T> x, const T* weights, const T* bias, T* y, T*, T* moments,
                        const T* addend = nullptr) {
        if (!addend) addend = y;
        team.run_images(n, forward_bundles, [&](int image, Range of_bundles, std::byte* own) {
            const Size at = static_cast<Size>(image) * plan.out_image();
            for (int strip = 0; strip < plan.strips; ++strip) {
                const Range pixels = plan.pixels_of(strip);
                const Pixels in = inputs(x, image, pixels, own);
                Ahead ahead;
                const Strip next = strip_after(image, strip, n);
                if (next.exists) {
                    if constexpr (!strided) pointwise_ahead(ahead, x.data, next.image, plan.in, next.pixels, false);
                    if (Accumulates && addend != y) pointwise_ahead(ahead, addend, next.image, plan.out, next.pixels, false);
                    pointwise_ahead(ahead, y, next.image, plan.out, next.pixels, true);
                }
                ahead.spread_over(tiles(p.forward_width) * forward_bundles * static_cast<Size>(p.in_slots));
                for (int bundle = of_bundles.begin; bundle < of_bundles.end; ++bundle) {
                    forward_bundle<Accumulates, R>(in, weights, bias, addend + at, y + at, pixels, bundle, ahead);
                }
            }
            if (!moments) return;
            const Range blocks{p.blocks_of_forward(of_bundles.begin).begin, p.blocks_of_forward(of_bundles.end - 1).end};
            MomentKernels<T>::moments(y + at, plan.out, blocks, moments + static_cast<Size>(image) * 2 * p.out_wide);
        });
    }

    // dx (+)= w' * dy; then what follows each image of it.
    template <bool Accumulates>
    static void data_gradient(const Team& team, int n, const T* dy, const T* weights, T* dx, T* scratch, ImageStage then = {}) {
        pack_weights(team, p, weights, scratch, true);
        team.run_images(n, gradient_bundles, [&](int image, Range of_bundles, std::byte* own) {
            for (int strip = 0; strip < plan.strips; ++strip) {
                Ahead ahead = ahead_of_gradients(nullptr, {dy}, dx, strip_after(image, strip, n));
                ahead.spread_over(calls_of_data);
                const Pixels gradient = gradients_of({dy}, image, plan.pixels_of(strip), own);
                strip_gradient<Accumulates>(gradient, scratch, image, plan.units_of(strip), of_bundles, dx, ahead);
            }
            then(image, blocks_of_bundles(of_bundles));
        });
    }

    // dw += dy * x, and the bias's: sums over chunks of images, which are added in their order.
    static void weight_gradient(const Team& team, int n, ConvInput<T> x, PendingGradient<T> dy, T* dw, T* dbias, T* scratch) {
        both<false, false>(team, n, x, dy, dw, dbias, nullptr, scratch, {});
    }
    static void weight_gradient(const Team& team, int n, ConvInput<T> x, const T* dy, T* dw, T* dbias, T* scratch) {
        weight_gradient(team, n, x, PendingGradient<T>{dy}, dw, dbias, scratch);
    }

    // Both, strip by strip: x and dy are read from memory, activated and completed once.
    template <bool Accumulates>
    static void gradients(const Team& team, int n, ConvInput<T> x, PendingGradient<T> dy, const T* weights, T* dw, T* dbias,
                          T* dx, T* scratch, ImageStage then = {}) {
        pack_weights(team, p, weights, scratch, true);
        both<true, Accumulates>(team, n, x, dy, dw, dbias, dx, scratch, then);
    }

private:
    // Lines of pixels: of the strip's first, and from block to block.
    struct Pixels {
        const T* data;
        Offset block;
    };
    struct Strip {
        bool exists;
        Size image;
        Range pixels;
    };

    // (As functions that are never inlined: a copy of each in every pass is what compiling costs.)
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

    static constexpr Size tiles(int width) { return static_cast<Size>((plan.most_pixels + width - 1) / width); }
    static constexpr Range blocks_of_bundles(Range bundles) {
        return {p.blocks_of_gradient(bundles.begin).begin, p.blocks_of_gradient(bundles.end - 1).end};
    }

    // The strip that a worker is likely to work on after this one: of its own run of images, which is taken from the front.
    static Strip strip_after(int image, int strip, int n) {
        if (strip + 1 < plan.strips) return {true, static_cast<Size>(image), plan.pixels_of(strip + 1)};
        return {image + 1 < n && n >= few_images, static_cast<Size>(image) + 1, plan.pixels_of(0)};
    }

    template <bool Accumulates, Rectify R>
    static void forward_bundle(const Pixels& in, const T* weights, const T* bias, const T* addend, T* y, Range pixels, int bundle,
                               Ahead& ahead) {
        alignas(64) std::array<T, static_cast<Size>(p.forward_blocks * p.lanes)> wide_bias{};
        const int first = p.blocks_of_forward(bundle).begin;
        TilePlane<T> plane;
        plane.input = in.data;
        plane.input_block = in.block;
        plane.input_rows = 1;
        plane.input_blocks = p.in_blocks;
        plane.last_channels = p.last_in;
        plane.taps = &only_tap;
        plane.tap_count = 1;
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
        run_bundle<T, p.out_blocks, p.forward_blocks, p.forward_width, 1, 0, p.forward_bytes, Accumulates, R>(
            plane, p.out_blocks - first, p.last_out);
    }

    // Some bundles of the dx of a strip.
    template <bool Accumulates>
    static void strip_gradient(const Pixels& gradient, const T* weights, int image, Range units, Range of_bundles, T* dx,
                               Ahead& ahead) {
        T* to = dx + static_cast<Size>(image) * plan.in_image();
        if constexpr (strided && !Accumulates) clear_rows(plan, units, blocks_of_bundles(of_bundles), to);

        TilePlane<T> plane;
        plane.input_block = gradient.block;
        plane.input_rows = 1;
        plane.row_step = 0;
        plane.input_blocks = p.out_blocks;
        plane.last_channels = p.last_out;
        plane.taps = &only_tap;
        plane.tap_count = 1;
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
            plane.input = gradient.data;
            plane.weights = weights + first * p.out_slots * p.cell;
            plane.output = to + first * plane.output_block + units.begin * (strided ? plane.output_row : lanes);
            plane.addend = plane.output;
            run_bundle<T, p.in_blocks, p.gradient_blocks, p.gradient_width, 1, 0, p.gradient_bytes, Accumulates>(
                plane, p.in_blocks - first, p.last_in);
        }
    }

    // Adds a strip's products to the sums of some bundles.
    static void add_strip(const Pixels& in, const Pixels& gradient, int pixels, Range of_bundles, T* sums, bool begins,
                          bool with_bias, Ahead& ahead) {
        GradientPlane<T> plane;
        plane.input = in.data;
        plane.input_block = in.block;
        plane.input_rows = 1;
        plane.input_blocks = p.in_blocks;
        plane.last_channels = p.last_in;
        plane.taps = &only_tap;
        plane.tap_count = 1;
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

    template <bool WithData, bool Accumulates>
    static void both(const Team& team, int n, ConvInput<T> x, PendingGradient<T> dy, T* dw, T* dbias, T* dx, T* scratch,
                     ImageStage then) {
        T* partials = scratch + p.transposed_weights;
        const int chunks = std::min(n, p.most_chunks);
        constexpr int shares = WithData ? std::max(forward_bundles, gradient_bundles) : forward_bundles;
        team.run_images(chunks, shares, [&](int chunk, Range of_shares, std::byte* own) {
            const Range of_sums = same_share(of_shares, shares, forward_bundles);
            const Range of_data = same_share(of_shares, shares, gradient_bundles);
            const bool adds = of_sums.begin < of_sums.end;
            const bool writes = WithData && of_data.begin < of_data.end;
            T* partial = partials + static_cast<Size>(chunk) * p.partial;
            if (adds) clear_sums(p, of_sums, partial, fills_cells);

            const Range images = part_of(n, chunks, chunk);
            for (int image = images.begin; image < images.end; ++image) {
                for (int strip = 0; strip < plan.strips; ++strip) {
                    const Range pixels = plan.pixels_of(strip);
                    const Pixels gradient = gradients_of(dy, image, pixels, own);
                    Ahead ahead = ahead_of_gradients(x.data, dy, dx, strip_after(image, strip, n));
                    ahead.spread_over((adds ? calls_of_sums : 0) + (writes ? calls_of_data : 0));
                    if (adds) {
                        const Pixels in = inputs(x, image, pixels, own);
                        const bool begins = fills_cells && image == images.begin && strip == 0;
                        add_strip(in, gradient, pixels.end - pixels.begin, of_sums, partial, begins, dbias != nullptr, ahead);
                    }
                    if constexpr (WithData) {
                        if (!writes) continue;
                        strip_gradient<Accumulates>(gradient, scratch, image, plan.units_of(strip), of_data, dx, ahead);
                    }
                }
                if (writes) then(image, blocks_of_bundles(of_data));
            }
        });
        combine_chunks(team, p, partials, chunks, dw, dbias);
    }

    // (x or dx null: not used.)
    static Ahead ahead_of_gradients(const T* x, const PendingGradient<T>& dy, const T* dx, const Strip& next) {
        Ahead ahead;
        if (!next.exists) return ahead;
        pointwise_ahead(ahead, dy.data, next.image, plan.out, next.pixels, false);
        if (dy.c1) pointwise_ahead(ahead, dy.x, next.image, plan.out, next.pixels, false);
        if constexpr (!strided) {
            if (x) pointwise_ahead(ahead, x, next.image, plan.in, next.pixels, false);
            if (dx) pointwise_ahead(ahead, dx, next.image, plan.in, next.pixels, true);
        }
        return ahead;
    }

    static constexpr Size calls_of_data = tiles(p.gradient_width) * gradient_bundles * static_cast<Size>(p.out_slots);
    static constexpr Size calls_of_sums = tiles(pixels_a_fetch) * DirectWeightGradient<T, p.g>::groups_of_inputs();

    // Whether a strip writes all of a cell of sums, which then need not be zero before the first one.
    static constexpr bool fills_cells = p.last_in == lanes;

    static constexpr Tap only_tap{};
};

}  // namespace residua::inline RESIDUA_ISA::kernels
