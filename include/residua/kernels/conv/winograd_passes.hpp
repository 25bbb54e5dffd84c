// The three passes of a Winograd convolution of few channels, cut into tasks. Each depends on the plan's values, and is compiled
// once for a scalar and a size of tiles, however many geometries a program has.
#pragma once

#include <residua/kernels/conv/direct_weight_gradient.hpp>
#include <residua/kernels/conv/winograd_ahead.hpp>
#include <residua/kernels/conv/winograd_products.hpp>
#include <residua/kernels/conv/winograd_tile.hpp>
#include <residua/kernels/conv/winograd_weights.hpp>
#include <residua/kernels/norm/moments.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

// Transformed weights, and what is made of them. (A type that knows of no geometry: as lambdas these were in names of 1,000
// characters.)
template <class T>
struct WinogradWeights {
    const T* weights;

    // The products of some blocks of results, of a group's transformed inputs.
    void operator()(const WinogradPass& p, const WinogradGroup& group, Range blocks, const T* transformed, T* products,
                    Ahead& ahead) const {
        const Offset of_block = p.positions * p.weight_step;
        winograd_products(p, transformed, weights + blocks.begin * of_block, {0, p.positions}, group.tiles(p), products,
                          {blocks.end - blocks.begin, of_block, p.product_block}, ahead);
    }
};

template <class T, int Out>
class WinogradPasses {
    static constexpr Offset lanes = simd::lanes<T>;
    static constexpr int inputs_at_once = winograd_inputs_at_once<T>;

    struct Scratch {
        Scratch(const WinogradPass& p, std::byte* own)
            : padded(reinterpret_cast<T*>(own)), transformed(padded + p.padded), products(transformed + p.transformed) {}

        T* padded;
        T* transformed;
        T* products;
    };

public:
    // y (+)= w * x + bias, where products(...), as WinogradWeights has it, fills a worker's products; moments of y, `of_moments`
    // values an image, if they are wanted. The sum is to addend, which may be y.
    template <bool Accumulates, Rectify R, class Products>
    static __attribute__((noinline)) void forward(const Team& team, const WinogradPass& p, int n, ConvInput<T> x, const T* bias,
                                                  T* y, T* moments, Size of_moments, const T* addend, const Products& products) {
        team.run_images(p.groups(n), p.out_blocks, [&](int unit, Range blocks, std::byte* own) {
            const Scratch s(p, own);
            WinogradGroup group = winograd_group(p, unit, n);
            for (int band = 0; band < p.bands(); ++band) {
                group.set_band(p, band);
                winograd_fill(p, group, x, Range{0, p.in_blocks}, s.padded);
                winograd_transform<T, Out>(p, group, s.padded, p.in_blocks, s.transformed);
                for (int first = blocks.begin; first < blocks.end; first += p.blocks_at_once) {
                    const Range some{first, std::min(first + p.blocks_at_once, blocks.end)};
                    // (Several at once are of one group that is all there is.)
                    Ahead ahead = winograd_ahead<T>(team, p, group, n, first, x.data, nullptr, y, addend);
                    products(p, group, some, s.transformed, s.products, ahead);
                    for (int block = some.begin; block < some.end; ++block) {
                        alignas(simd::line_bytes) T wide_bias[static_cast<Size>(lanes)] = {};
                        if (bias) std::copy_n(bias + block * lanes, block + 1 == p.out_blocks ? p.last_out : p.lanes, wide_bias);
                        winograd_finish<T, Out, Accumulates, R>(p, group, s.products + (block - first) * p.product_block, block,
                                                                bias ? wide_bias : nullptr, addend, y);
                    }
                }
            }
            if (!moments) return;
            for (int image = group.all_images().begin; image < group.all_images().end; ++image) {
                const Size at = static_cast<Size>(image);
                MomentKernels<T>::moments(y + at * p.to_image(), p.to, blocks, moments + at * of_moments);
            }
        });
    }

    // dx (+)= w' * dy, of transformed weights; then what follows each image of it.
    template <bool Accumulates>
    static __attribute__((noinline)) void data_gradient(const Team& team, const WinogradPass& p, int n, const T* dy,
                                                        const T* weights, T* dx, ImageStage then) {
        team.run_images(p.groups(n), p.out_blocks, [&](int unit, Range blocks, std::byte* own) {
            const Scratch s(p, own);
            WinogradGroup group = winograd_group(p, unit, n);
            for (int band = 0; band < p.bands(); ++band) {
                group.set_band(p, band);
                winograd_fill(p, group, ConvInput<T>{dy}, Range{0, p.in_blocks}, s.padded);
                winograd_transform<T, Out>(p, group, s.padded, p.in_blocks, s.transformed);
                for (int block = blocks.begin; block < blocks.end; ++block) {
                    Ahead ahead = winograd_ahead<T>(team, p, group, n, block, dy, nullptr, dx, dx);
                    result<Accumulates>(p, group, weights, block, dx, s, ahead);
                }
            }
            each_image(group, blocks, then);
        });
    }

    // dw += dy * x, and the bias's: sums over chunks of images, which are added in their order; and dx, if WithData. `scratch`:
    // transformed weights (which are read if WithData), then a partial sum a chunk.
    template <bool WithData, bool Accumulates>
    static __attribute__((noinline)) void gradients(const Team& team, const WinogradPass& p, const DirectPlan& d, int n,
                                                    ConvInput<T> x, PendingGradient<T> dy, T* dw, T* dbias, T* dx, T* scratch,
                                                    ImageStage then) {
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
                            result<Accumulates>(p, group, scratch, block, dx, s, ahead);
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

private:
    template <bool Accumulates>
    static void result(const WinogradPass& p, const WinogradGroup& group, const T* weights, int block, T* dx, const Scratch& s,
                       Ahead& ahead) {
        WinogradWeights<T>{weights}(p, group, {block, block + 1}, s.transformed, s.products, ahead);
        winograd_finish<T, Out, Accumulates, Rectify::nowhere>(p, group, s.products, block, nullptr, dx, dx);
    }

    static void each_image(const WinogradGroup& group, Range blocks, ImageStage then) {
        for (int image = group.all_images().begin; image < group.all_images().end; ++image) then(image, blocks);
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
