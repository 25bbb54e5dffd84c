// Winograd's convolution of one geometry with many channels (3x3, stride 1, one group): its three passes on blocked images.
#pragma once

#include <residua/kernels/conv/direct_weight_gradient.hpp>
#include <residua/kernels/conv/winograd_tile.hpp>
#include <residua/kernels/conv/winograd_weights.hpp>
#include <residua/kernels/norm/moments.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

// With tiles of Out x Out results. Weights come in PyTorch's order [out][in][3][3], images in blocks of channels.
//
// Of so many channels that transformed weights, and the sums of their gradient, are more than caches hold: each is read once for
// a group of many tiles, which all workers share. They transform its parts, then each sums products at a position at a time
// (whose inputs and weights stay in the second-level cache), then they transform back. The sums of a weight gradient are of all
// images in their order, and there is one set of them for any number of threads.
template <class T, ConvGeometry Geometry, int Out>
class WideWinogradConvolution {
protected:
    static_assert(Geometry.window.size == 3 && Geometry.window.stride == 1 && Geometry.groups == 1);
    static constexpr int padding = Geometry.window.padding.before;
    static constexpr Offset lanes = simd::lanes<T>;
    static constexpr DirectPlan d = direct_plan(Geometry, simd::lanes<T>, sizeof(T));
    static constexpr WinogradPass ahead_pass =
        winograd_pass(Geometry.in, Geometry.out, padding, Out, simd::lanes<T>, sizeof(T), true);
    static constexpr WinogradPass back_pass =
        winograd_pass(Geometry.out, Geometry.in, 2 - padding, Out, simd::lanes<T>, sizeof(T), true);

public:
    static constexpr bool takes_pending = true;
    static constexpr Size packed = ahead_pass.packed();
    static constexpr Size forward_scratch = ahead_pass.transformed + ahead_pass.products;
    static constexpr Size gradient_scratch =
        back_pass.packed() + back_pass.transformed + back_pass.products + back_pass.spread + back_pass.sums + d.partial;
    static constexpr std::size_t worker_bytes = std::max(ahead_pass.padded, back_pass.padded) * sizeof(T);
    static constexpr std::size_t worker_bytes_of_one = worker_bytes;
    static constexpr std::size_t backward_worker_bytes = worker_bytes;

    static void pack(const Team& team, const T* weights, T* to) { winograd_pack<T, Out>(team, ahead_pass, weights, false, to); }

    // y (+)= w * x + bias, with a ReLU if there is one; moments of y, if wanted. The sum is to y or, if that is not null, to
    // addend.
    template <bool Accumulates, Rectify R = Rectify::nowhere>
    static void forward(const Team& team, int n, ConvInput<T> x, const T* weights, const T* bias, T* y, T* scratch, T* moments,
                        const T* addend = nullptr) {
        each_result<Accumulates, R>(
            team, n, x, bias, y, scratch, moments, addend,
            [&](const WinogradGroup& group, const Scratch& s) { multiply<true>(team, ahead_pass, group, weights, s, {}); });
    }

    // dx (+)= w' * dy; then what follows each image of it.
    template <bool Accumulates>
    static void data_gradient(const Team& team, int n, const T* dy, const T* weights, T* dx, T* scratch, ImageStage then = {}) {
        constexpr WinogradPass p = back_pass;
        winograd_pack<T, Out>(team, p, weights, true, scratch);
        const Scratch s(p, scratch + p.packed());
        each_group(p, n, [&](const WinogradGroup& group) {
            transform(team, p, group, ConvInput<T>{dy}, ConvInput<T>{}, s, nullptr);
            multiply<true>(team, p, group, scratch, s, {});
            finish<Accumulates>(team, p, group, s, nullptr, dx, dx, then);
        });
    }

    // dw += dy * x, and the bias's.
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
        Scratch(const WinogradPass& p, T* all) : transformed(all), products(all + p.transformed) {}

        T* transformed;
        T* products;
    };

    // Where the sums of the weight gradient are, if they are wanted.
    struct Sums {
        const T* spread = nullptr;
        T* to = nullptr;
        bool first = true;
    };

    // A position's share of tasks, so that many threads have some each.
    static constexpr int parts = 4;

    template <class Work>
    static void each_group(const WinogradPass& p, int n, const Work& work) {
        for (int unit = 0; unit < p.groups(n); ++unit) {
            WinogradGroup group = winograd_group(p, unit, n);
            for (int band = 0; band < p.bands(); ++band) {
                group.set_band(p, band);
                work(group);
            }
        }
    }

    // y, where products(group, scratch) fills s.products.
    template <bool Accumulates, Rectify R, class Products>
    static void each_result(const Team& team, int n, ConvInput<T> x, const T* bias, T* y, T* scratch, T* moments, const T* addend,
                            const Products& products) {
        constexpr WinogradPass p = ahead_pass;
        const Scratch s(p, scratch);
        const auto count = [&](int image, Range blocks) {
            MomentKernels<T>::moments(y + static_cast<Size>(image) * p.to_image(), p.to, blocks,
                                      moments + static_cast<Size>(image) * 2 * d.out_wide);
        };
        const ImageStage then = moments ? ImageStage(count) : ImageStage();
        each_group(p, n, [&](const WinogradGroup& group) {
            transform(team, p, group, x, ConvInput<T>{}, s, nullptr);
            products(group, s);
            finish<Accumulates, R>(team, p, group, s, bias, addend ? addend : y, y, then);
        });
    }

    // Of `source`; and of x, if it is wanted, for a weight gradient.
    template <class Source>
    static void transform(const Team& team, const WinogradPass& p, const WinogradGroup& group, Source source, ConvInput<T> x,
                          const Scratch& s, T* spread) {
        const int blocks = p.in_blocks + (spread ? p.out_blocks : 0);
        team.run(group.images * blocks, [&](int task, std::byte* own) {
            const int image = task / blocks;
            const int block = task % blocks;
            const WinogradGroup part = group.of_image(image);
            const Offset first = static_cast<Offset>(image) * group.tiles_of_image(p);
            if (block < p.in_blocks) {
                T* padded = reinterpret_cast<T*>(own);
                winograd_fill(p, part, source, {block, block + 1}, padded);
                winograd_transform<T, Out>(p, part, padded, 1, s.transformed + (block * p.group_tiles + first) * lanes);
            } else {
                const int of_x = block - p.in_blocks;
                winograd_spread<T, Out>(p, part, x, of_x, spread + (of_x * p.group_tiles + first) * lanes);
            }
        });
    }

    // Products of all blocks of results, if they are wanted; and what they add to the sums of the weight gradient.
    template <bool WithProducts>
    static void multiply(const Team& team, const WinogradPass& p, const WinogradGroup& group, const T* weights, const Scratch& s,
                         const Sums& sums) {
        const int tiles = group.tiles(p);
        const auto weights_of = [&](int position, int block) {
            return weights + (static_cast<Offset>(block) * p.positions + position) * p.weight_step;
        };
        team.run(p.positions * parts, [&](int task, std::byte*) {
            const int position = task / parts;
            const Range positions{position, position + 1};
            if constexpr (WithProducts) {
                const Range blocks = part_of(p.out_blocks, parts, task % parts);
                for (int block = blocks.begin; block < blocks.end; ++block) {
                    Ahead ahead;
                    if (block + 1 < p.out_blocks) {
                        ahead.reads(weights_of(position, block + 1), static_cast<Size>(p.weight_step) * sizeof(T));
                    }
                    ahead.spread_over(static_cast<Size>(p.in_blocks * std::max(1, tiles / winograd_tiles_a_fetch)));
                    winograd_products(p, s.transformed, weights_of(0, block), positions, tiles,
                                      s.products + static_cast<Offset>(block) * p.group_tiles * lanes, ahead);
                }
            }
            if (!sums.to) return;
            Ahead none;
            winograd_add_sums<T, winograd_inputs_at_once<T>>(p, s.transformed, sums.spread, positions,
                                                             part_of(p.in_blocks, parts, task % parts), tiles, sums.first,
                                                             sums.to, none);
        });
    }

    template <bool Accumulates, Rectify R = Rectify::nowhere>
    static void finish(const Team& team, const WinogradPass& p, const WinogradGroup& group, const Scratch& s, const T* bias,
                       const T* addend, T* y, const ImageStage& then) {
        const bool last_band = group.first_row + group.rows == p.tile_rows;
        team.run(group.images * p.out_blocks, [&](int task, std::byte*) {
            const int image = task / p.out_blocks;
            const int block = task % p.out_blocks;
            alignas(simd::line_bytes) T wide_bias[static_cast<Size>(lanes)] = {};
            if (bias) std::copy_n(bias + block * lanes, block + 1 == p.out_blocks ? p.last_out : p.lanes, wide_bias);
            const Offset first = block * p.group_tiles + static_cast<Offset>(image) * group.tiles_of_image(p);
            winograd_finish<T, Out, Accumulates, R>(p, group.of_image(image), s.products + first * lanes, block,
                                                    bias ? wide_bias : nullptr, addend, y);
            if (last_band) then(group.first_image + image, {block, block + 1});
        });
    }

    template <bool WithData, bool Accumulates>
    static void both(const Team& team, int n, ConvInput<T> x, PendingGradient<T> dy, T* dw, T* dbias, T* dx, T* scratch,
                     ImageStage then) {
        constexpr WinogradPass p = back_pass;
        const Scratch s(p, scratch + p.packed());
        T* spread = s.products + p.products;
        Sums sums{spread, spread + p.spread};
        T* weights = sums.to + p.sums;
        each_group(p, n, [&](const WinogradGroup& group) {
            transform(team, p, group, dy, x, s, spread);
            multiply<WithData>(team, p, group, scratch, s, sums);
            sums.first = false;
            if constexpr (WithData) finish<Accumulates>(team, p, group, s, nullptr, dx, dx, then);
        });

        T* bias_sums = weights + d.weights;
        team.run(p.in_blocks * p.out_blocks, [&](int pair, std::byte*) {
            winograd_weights_back<T, Out>(p, sums.to, {pair, pair + 1}, weights);
        });
        if (dbias) {
            std::fill_n(bias_sums, d.out_wide, T(0));
            team.run(p.in_blocks, [&](int block, std::byte*) {
                winograd_add_bias(p, dy.data, {0, n}, {block, block + 1}, bias_sums);
            });
        }
        combine_chunks(team, d, weights, 1, dw, dbias);
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
