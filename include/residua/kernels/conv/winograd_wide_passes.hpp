// The three passes of a Winograd convolution of many channels, whose groups are all workers'. Each depends on the plan's values,
// and is compiled once for a scalar and a size of tiles.
#pragma once

#include <residua/kernels/conv/direct_weight_gradient.hpp>
#include <residua/kernels/conv/winograd_products.hpp>
#include <residua/kernels/conv/winograd_tile.hpp>
#include <residua/kernels/conv/winograd_weights.hpp>
#include <residua/kernels/norm/moments.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

// A group's scratch.
template <class T>
struct WideWinogradScratch {
    WideWinogradScratch(const WinogradPass& p, T* all) : transformed(all), products(all + p.transformed) {}

    T* transformed;
    T* products;
};

template <class T, int Out>
class WideWinogradPasses {
    static constexpr Offset lanes = simd::lanes<T>;
    using Scratch = WideWinogradScratch<T>;

public:
    // y (+)= w * x + bias, where products(team, p, group, scratch) fills the scratch's products; moments of y, `of_moments`
    // values an image, if they are wanted. The sum is to addend, which may be y.
    template <bool Accumulates, Rectify R, class Products>
    static __attribute__((noinline)) void forward(const Team& team, const WinogradPass& p, int n, ConvInput<T> x, const T* bias,
                                                  T* y, T* scratch, T* moments, Size of_moments, const T* addend,
                                                  const Products& products) {
        const Scratch s(p, scratch);
        const auto count = [&](int image, Range blocks) {
            MomentKernels<T>::moments(y + static_cast<Size>(image) * p.to_image(), p.to, blocks,
                                      moments + static_cast<Size>(image) * of_moments);
        };
        const ImageStage then = moments ? ImageStage(count) : ImageStage();
        each_group(p, n, [&](const WinogradGroup& group) {
            transform(team, p, group, x, ConvInput<T>{}, s, nullptr);
            products(team, p, group, s);
            finish<Accumulates, R>(team, p, group, s, bias, addend, y, then);
        });
    }

    // dx (+)= w' * dy, of transformed weights; then what follows each image of it.
    template <bool Accumulates>
    static __attribute__((noinline)) void data_gradient(const Team& team, const WinogradPass& p, int n, const T* dy,
                                                        const T* weights, T* dx, T* scratch, ImageStage then) {
        const Scratch s(p, scratch);
        each_group(p, n, [&](const WinogradGroup& group) {
            transform(team, p, group, ConvInput<T>{dy}, ConvInput<T>{}, s, nullptr);
            multiply<true>(team, p, group, weights, s, {});
            finish<Accumulates, Rectify::nowhere>(team, p, group, s, nullptr, dx, dx, then);
        });
    }

    // dw += dy * x, and the bias's; and dx, if WithData. `scratch`: transformed weights (which are read if WithData), the
    // group's, and sums.
    template <bool WithData, bool Accumulates>
    static __attribute__((noinline)) void gradients(const Team& team, const WinogradPass& p, const DirectPlan& d, int n,
                                                    ConvInput<T> x, PendingGradient<T> dy, T* dw, T* dbias, T* dx, T* scratch,
                                                    ImageStage then) {
        const Scratch s(p, scratch + p.packed());
        T* spread = s.products + p.products;
        Sums sums{spread, spread + p.spread};
        T* weights = sums.to + p.sums;
        each_group(p, n, [&](const WinogradGroup& group) {
            transform(team, p, group, dy, x, s, spread);
            multiply<WithData>(team, p, group, scratch, s, sums);
            sums.first = false;
            if constexpr (WithData) finish<Accumulates, Rectify::nowhere>(team, p, group, s, nullptr, dx, dx, then);
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

    // Products of a group by transformed weights.
    struct Weights {
        const T* weights;

        void operator()(const Team& team, const WinogradPass& p, const WinogradGroup& group, const Scratch& s) const {
            multiply<true>(team, p, group, weights, s, {});
        }
    };

private:
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
                const Offset of_block = p.positions * p.weight_step;
                for (int block = blocks.begin; block < blocks.end; block += p.blocks_at_once) {
                    const int count = std::min(p.blocks_at_once, blocks.end - block);
                    const int next = block + count;
                    Ahead ahead;
                    ahead.reads(weights_of(position, next), static_cast<Size>(p.weight_step) * sizeof(T),
                                static_cast<Size>(of_block) * sizeof(T), std::min(count, p.out_blocks - next));
                    ahead.spread_over(static_cast<Size>(p.in_blocks * winograd_fetches<T>(tiles, count)));
                    winograd_products(p, s.transformed, weights_of(0, block), positions, tiles,
                                      s.products + block * p.product_block, {count, of_block, p.product_block}, ahead);
                }
            }
            if (!sums.to) return;
            Ahead none;
            winograd_add_sums<T, winograd_inputs_at_once<T>>(p, s.transformed, sums.spread, positions,
                                                             part_of(p.in_blocks, parts, task % parts), tiles, sums.first,
                                                             sums.to, none);
        });
    }

    template <bool Accumulates, Rectify R>
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
};

}  // namespace residua::inline RESIDUA_ISA::kernels
