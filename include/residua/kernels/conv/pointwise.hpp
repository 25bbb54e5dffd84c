// A convolution of single pixels (kernel 1, no padding, one group): its three passes on blocked images, cut into tasks.
#pragma once

#include <residua/kernels/conv/packing.hpp>
#include <residua/kernels/conv/pointwise_strip.hpp>
#include <residua/kernels/conv/weights_ahead.hpp>
#include <residua/kernels/norm/moments.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

// Weights come in PyTorch's order [out][in], images in blocks of channels. The sums are those of a direct convolution, in the
// same order. See tile.hpp for the kernel.
template <class T, ConvGeometry Geometry>
class PointwiseConvolution {
    static constexpr PointwisePlan plan = pointwise_plan(Geometry, simd::lanes<T>, sizeof(T));
    static constexpr DirectPlan p = plan.product;
    static constexpr int forward_bundles = p.forward_bundles();
    static constexpr int gradient_bundles = p.gradient_bundles();
    static constexpr bool strided = plan.stride > 1;
    using Strip = PointwiseStrip<T, Geometry>;
    using Pixels = typename Strip::Pixels;

public:
    static constexpr Size packed = p.weights;
    static constexpr Size forward_scratch = 0;
    static constexpr Size forward_scratch_of_image = 0;
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
                const Pixels in = Strip::inputs(x, image, pixels, own);
                Ahead ahead;
                const NextStrip next = strip_after(image, strip, n);
                if (next.exists) {
                    if constexpr (!strided) pointwise_ahead(ahead, x.data, next.image, plan.in, next.pixels, false);
                    if (Accumulates && addend != y) pointwise_ahead(ahead, addend, next.image, plan.out, next.pixels, false);
                    pointwise_ahead(ahead, y, next.image, plan.out, next.pixels, true);
                }
                ahead.spread_over(Strip::forward_calls);
                for (int bundle = of_bundles.begin; bundle < of_bundles.end; ++bundle) {
                    Ahead of_weights;
                    const bool more = n < few_images && strip == 0 && bundle + 1 < of_bundles.end;
                    if (more) of_weights = weights_ahead(p, weights, bundle, Strip::forward_calls / forward_bundles);
                    Strip::template forward<Accumulates, R>(in, weights, bias, addend + at, y + at, pixels, bundle,
                                                            more ? of_weights : ahead);
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
                ahead.spread_over(Strip::data_gradient_calls);
                const Pixels gradient = Strip::gradients_of({dy}, image, plan.pixels_of(strip), own);
                Strip::template data_gradient<Accumulates>(gradient, scratch, image, plan.units_of(strip), of_bundles, dx, ahead);
            }
            then(image, Strip::blocks_of_bundles(of_bundles));
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
    struct NextStrip {
        bool exists;
        Size image;
        Range pixels;
    };

    // The strip that a worker is likely to work on after this one: of its own run of images, which is taken from the front.
    static NextStrip strip_after(int image, int strip, int n) {
        if (strip + 1 < plan.strips) return {true, static_cast<Size>(image), plan.pixels_of(strip + 1)};
        return {image + 1 < n && n >= few_images, static_cast<Size>(image) + 1, plan.pixels_of(0)};
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
            if (adds) clear_sums(p, of_sums, partial, Strip::fills_cells);

            const Range images = part_of(n, chunks, chunk);
            for (int image = images.begin; image < images.end; ++image) {
                for (int strip = 0; strip < plan.strips; ++strip) {
                    const Range pixels = plan.pixels_of(strip);
                    const Pixels gradient = Strip::gradients_of(dy, image, pixels, own);
                    Ahead ahead = ahead_of_gradients(x.data, dy, dx, strip_after(image, strip, n));
                    ahead.spread_over((adds ? Strip::weight_gradient_calls : 0) + (writes ? Strip::data_gradient_calls : 0));
                    if (adds) {
                        const Pixels in = Strip::inputs(x, image, pixels, own);
                        const bool begins = Strip::fills_cells && image == images.begin && strip == 0;
                        Strip::weight_gradient(in, gradient, pixels.end - pixels.begin, of_sums, partial, begins,
                                               dbias != nullptr, ahead);
                    }
                    if constexpr (WithData) {
                        if (!writes) continue;
                        Strip::template data_gradient<Accumulates>(gradient, scratch, image, plan.units_of(strip), of_data, dx,
                                                                   ahead);
                    }
                }
                if (writes) then(image, Strip::blocks_of_bundles(of_data));
            }
        });
        combine_chunks(team, p, partials, chunks, dw, dbias);
    }

    // (x or dx null: not used.)
    static Ahead ahead_of_gradients(const T* x, const PendingGradient<T>& dy, const T* dx, const NextStrip& next) {
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
};

}  // namespace residua::inline RESIDUA_ISA::kernels
