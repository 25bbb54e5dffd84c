// Winograd's convolution of one geometry (3x3, stride 1, one group): its three passes on blocked images, cut into tasks.
#pragma once

#include <residua/kernels/conv/direct_weight_gradient.hpp>
#include <residua/kernels/conv/winograd_ahead.hpp>
#include <residua/kernels/conv/winograd_tile.hpp>
#include <residua/kernels/conv/winograd_weights.hpp>
#include <residua/kernels/norm/moments.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

// Transformed weights, and what is made of them. (A type that knows of no geometry: as lambdas these were in names of 1,000
// characters.)
template <class T>
struct WinogradWeights {
    const T* weights;

    // The products of one block of results, of a group's transformed inputs.
    void operator()(const WinogradPass& p, const WinogradGroup& group, int block, const T* transformed, T* products,
                    Ahead& ahead) const {
        const T* of_block = weights + static_cast<Offset>(block) * p.positions * p.weight_step;
        winograd_products(p, transformed, of_block, {0, p.positions}, group.tiles(p), products, ahead);
    }
};

// With tiles of Out x Out results. Weights come in PyTorch's order [out][in][3][3], images in blocks of channels. For so few
// channels that a worker holds all sums of a weight gradient; see winograd_wide.hpp.
template <class T, ConvGeometry Geometry, int Out>
class WinogradConvolution {
protected:
    static_assert(Geometry.window.size == 3 && Geometry.window.stride == 1 && Geometry.groups == 1);
    static constexpr Window window = Geometry.window;
    static constexpr DirectPlan d = direct_plan(Geometry, simd::lanes<T>, sizeof(T));
    static constexpr WinogradPass ahead_pass =
        winograd_pass(Geometry.in, Geometry.out, window.padding.before, Out, simd::lanes<T>, sizeof(T));
    static constexpr WinogradPass pass_of_one =
        winograd_fitted<T>(winograd_pass(Geometry.in, Geometry.out, window.padding.before, Out, simd::lanes<T>, sizeof(T), false,
                                         winograd_most_tiles_of_one),
                           1);
    static constexpr WinogradPass back_pass =
        winograd_pass(Geometry.out, Geometry.in, 2 - window.padding.before, Out, simd::lanes<T>, sizeof(T));

    static constexpr Offset lanes = simd::lanes<T>;
    static constexpr int inputs_at_once = winograd_inputs_at_once<T>;
    static_assert(std::min(ahead_pass.group_tiles, back_pass.group_tiles) >= winograd_tiles_at_once<T>);

public:
    static constexpr bool takes_pending = true;
    static constexpr Size packed = ahead_pass.packed();
    static constexpr Size forward_scratch = 0;
    static constexpr Size gradient_scratch = back_pass.packed() + static_cast<Size>(d.most_chunks) * d.partial;
    static constexpr std::size_t worker_bytes = ahead_pass.scratch() * sizeof(T);
    static constexpr std::size_t worker_bytes_of_one = pass_of_one.scratch() * sizeof(T);
    static constexpr std::size_t backward_worker_bytes = (back_pass.scratch() + back_pass.spread + back_pass.sums) * sizeof(T);

    static void pack(const Team& team, const T* weights, T* to) { winograd_pack<T, Out>(team, ahead_pass, weights, false, to); }

    // y (+)= w * x + bias, with a ReLU if there is one; moments of y, if wanted, while it is in the cache. The sum is to y or, if
    // that is not null, to addend.
    template <bool Accumulates, Rectify R = Rectify::nowhere>
    static void forward(const Team& team, int n, ConvInput<T> x, const T* weights, const T* bias, T* y, T*, T* moments,
                        const T* addend = nullptr) {
        const WinogradPass p = n == 1 ? pass_of_one : winograd_fitted<T>(ahead_pass, n);
        each_result<Accumulates, R>(team, p, n, x, bias, y, moments, addend, WinogradWeights<T>{weights});
    }

    // dx (+)= w' * dy; then what follows each image of it.
    template <bool Accumulates>
    static void data_gradient(const Team& team, int n, const T* dy, const T* weights, T* dx, T* scratch, ImageStage then = {}) {
        constexpr WinogradPass p = back_pass;
        winograd_pack<T, Out>(team, p, weights, true, scratch);
        team.run_images(p.groups(n), p.out_blocks, [&](int unit, Range blocks, std::byte* own) {
            const Scratch s(p, own);
            WinogradGroup group = winograd_group(p, unit, n);
            for (int band = 0; band < p.bands(); ++band) {
                group.set_band(p, band);
                winograd_fill(p, group, ConvInput<T>{dy}, Range{0, p.in_blocks}, s.padded);
                winograd_transform<T, Out>(p, group, s.padded, p.in_blocks, s.transformed);
                for (int block = blocks.begin; block < blocks.end; ++block) {
                    Ahead ahead = winograd_ahead<T>(team, p, group, n, block, dy, nullptr, dx, dx);
                    result<Accumulates>(p, group, scratch, block, nullptr, dx, dx, s, ahead);
                }
            }
            each_image(group, blocks, then);
        });
    }

    // dw += dy * x, and the bias's: sums over chunks of images, which are added in their order.
    static void weight_gradient(const Team& team, int n, ConvInput<T> x, PendingGradient<T> dy, T* dw, T* dbias, T* scratch) {
        both<false, false>(team, n, x, dy, dw, dbias, nullptr, scratch, {});
    }
    static void weight_gradient(const Team& team, int n, ConvInput<T> x, const T* dy, T* dw, T* dbias, T* scratch) {
        weight_gradient(team, n, x, PendingGradient<T>{dy}, dw, dbias, scratch);
    }

    // Both gradients at once: what is transformed of dy serves both.
    template <bool Accumulates>
    static void gradients(const Team& team, int n, ConvInput<T> x, PendingGradient<T> dy, const T* weights, T* dw, T* dbias,
                          T* dx, T* scratch, ImageStage then = {}) {
        winograd_pack<T, Out>(team, back_pass, weights, true, scratch);
        both<true, Accumulates>(team, n, x, dy, dw, dbias, dx, scratch, then);
    }

protected:
    struct Scratch {
        Scratch(const WinogradPass& p, std::byte* own)
            : padded(reinterpret_cast<T*>(own)), transformed(padded + p.padded), products(transformed + p.transformed) {}

        T* padded;
        T* transformed;
        T* products;
    };

    // y, where products(...), as WinogradWeights has it, fills s.products.
    template <bool Accumulates, Rectify R, class Products>
    static void each_result(const Team& team, const WinogradPass& p, int n, ConvInput<T> x, const T* bias, T* y, T* moments,
                            const T* addend, const Products& products) {
        if (!addend) addend = y;
        team.run_images(p.groups(n), p.out_blocks, [&](int unit, Range blocks, std::byte* own) {
            const Scratch s(p, own);
            WinogradGroup group = winograd_group(p, unit, n);
            for (int band = 0; band < p.bands(); ++band) {
                group.set_band(p, band);
                winograd_fill(p, group, x, Range{0, p.in_blocks}, s.padded);
                winograd_transform<T, Out>(p, group, s.padded, p.in_blocks, s.transformed);
                for (int block = blocks.begin; block < blocks.end; ++block) {
                    alignas(simd::line_bytes) T wide_bias[static_cast<Size>(lanes)] = {};
                    if (bias) std::copy_n(bias + block * lanes, block + 1 == p.out_blocks ? p.last_out : p.lanes, wide_bias);
                    Ahead ahead = winograd_ahead<T>(team, p, group, n, block, x.data, nullptr, y, addend);
                    products(p, group, block, s.transformed, s.products, ahead);
                    winograd_finish<T, Out, Accumulates, R>(p, group, s.products, block, bias ? wide_bias : nullptr, addend, y);
                }
            }
            if (!moments) return;
            for (int image = group.all_images().begin; image < group.all_images().end; ++image) {
                const Size at = static_cast<Size>(image);
                MomentKernels<T>::moments(y + at * p.to_image(), p.to, blocks, moments + at * 2 * d.out_wide);
            }
        });
    }

    template <bool Accumulates>
    static void result(const WinogradPass& p, const WinogradGroup& group, const T* weights, int block, const T* bias,
                       const T* addend, T* y, const Scratch& s, Ahead& ahead) {
        WinogradWeights<T>{weights}(p, group, block, s.transformed, s.products, ahead);
        winograd_finish<T, Out, Accumulates, Rectify::nowhere>(p, group, s.products, block, bias, addend, y);
    }

    template <bool WithData, bool Accumulates>
    static void both(const Team& team, int n, ConvInput<T> x, PendingGradient<T> dy, T* dw, T* dbias, T* dx, T* scratch,
                     ImageStage then) {
        constexpr WinogradPass p = back_pass;
        T* partials = scratch + p.packed();
        const int units = p.groups(n);
        const int chunks = std::min(units, d.most_chunks);
        team.run(chunks, [&](int chunk, std::byte* own) {
            const Scratch s(p, own);
            T* spread = s.products + p.products;
            T* sums = spread + p.spread;
            T* partial = partials + static_cast<Size>(chunk) * d.partial;
            T* bias_sums = partial + d.weights;
            if (dbias) std::fill_n(bias_sums, d.out_wide, T(0));

            bool first = true;
            const Range of_chunk = part_of(units, chunks, chunk);
            for (int unit = of_chunk.begin; unit < of_chunk.end; ++unit) {
                WinogradGroup group = winograd_group(p, unit, n);
                if (dbias) winograd_add_bias(p, dy.data, group.all_images(), {0, p.in_blocks}, bias_sums);
                for (int band = 0; band < p.bands(); ++band) {
                    group.set_band(p, band);
                    winograd_fill(p, group, dy, Range{0, p.in_blocks}, s.padded);
                    winograd_transform<T, Out>(p, group, s.padded, p.in_blocks, s.transformed);
                    for (int block = 0; block < p.out_blocks; ++block) {
                        winograd_spread<T, Out>(p, group, x, block, spread + block * p.group_tiles * lanes);
                        if constexpr (WithData) {
                            Ahead ahead = winograd_ahead<T>(team, p, group, n, block, dy.data, dy.x, dx, dx);
                            result<Accumulates>(p, group, scratch, block, nullptr, dx, dx, s, ahead);
                        }
                    }
                    Ahead ahead = winograd_ahead_of_sums(team, p, group, n, inputs_at_once, x.data);
                    winograd_add_sums<T, inputs_at_once>(p, s.transformed, spread, {0, p.positions}, {0, p.in_blocks},
                                                         group.tiles(p), first, sums, ahead);
                    first = false;
                }
                if constexpr (WithData) each_image(group, {0, p.out_blocks}, then);
            }
            winograd_weights_back<T, Out>(p, sums, {0, p.in_blocks * p.out_blocks}, partial);
        });
        combine_chunks(team, d, partials, chunks, dw, dbias);
    }

    static void each_image(const WinogradGroup& group, Range blocks, ImageStage then) {
        for (int image = group.all_images().begin; image < group.all_images().end; ++image) then(image, blocks);
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
