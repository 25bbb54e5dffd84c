// Winograd's convolution of one geometry (3x3, stride 1, one group): its three passes on blocked images, cut into tasks.
#pragma once

#include <residua/kernels/conv/direct_weight_gradient.hpp>
#include <residua/kernels/conv/winograd_ahead.hpp>
#include <residua/kernels/conv/winograd_tile.hpp>
#include <residua/kernels/norm/moments.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

// With tiles of Out x Out results. Weights come in PyTorch's order [out][in][3][3], images in blocks of channels.
template <class T, ConvGeometry Geometry, int Out>
class WinogradConvolution {
    static_assert(Geometry.window.size == 3 && Geometry.window.stride == 1 && Geometry.groups == 1);
    static constexpr Window window = Geometry.window;
    static constexpr DirectPlan d = direct_plan(Geometry, simd::lanes<T>, sizeof(T));
    static constexpr WinogradPass ahead_pass =
        winograd_pass(Geometry.in, Geometry.out, window.padding.before, Out, simd::lanes<T>, sizeof(T));
    static constexpr WinogradPass back_pass =
        winograd_pass(Geometry.out, Geometry.in, 2 - window.padding.before, Out, simd::lanes<T>, sizeof(T));

    static constexpr Offset lanes = simd::lanes<T>;
    static constexpr int tiles_at_once = std::min(winograd_tiles_a_fetch, simd::lines_in_registers() / 2);
    static constexpr int inputs_at_once = std::min(d.lanes, simd::lines_in_registers() / 2);

    static constexpr Size packed_of(const WinogradPass& p) {
        return static_cast<Size>(p.positions) * static_cast<Size>(p.in_blocks * p.out_blocks) * static_cast<Size>(lanes * lanes);
    }

    // The weight gradient's scratch of a worker, behind that of the data gradient's pass.
    static constexpr Offset spread_step = static_cast<Offset>(back_pass.out_blocks * back_pass.group_tiles + 1) * lanes;
    static constexpr Offset sum_step = (back_pass.in_blocks * back_pass.out_blocks * lanes + 1) * lanes;
    static constexpr Size spread_size = static_cast<Size>(back_pass.positions) * static_cast<Size>(spread_step);
    static constexpr Size sums_size = static_cast<Size>(back_pass.positions) * static_cast<Size>(sum_step);

    // Many channels have more sums than caches hold, and each group of tiles adds to all of them: there the direct weight
    // gradient serves.
    static constexpr Size most_bytes_of_sums = 5 * 1024 * 1024;
    static constexpr bool transforms_weight_gradient = sums_size * sizeof(T) <= most_bytes_of_sums;
    static constexpr Size weight_gradient_size = transforms_weight_gradient ? spread_size + sums_size : 0;
    static_assert(ahead_pass.group_tiles >= tiles_at_once && back_pass.group_tiles >= tiles_at_once);

public:
    static constexpr bool takes_pending = transforms_weight_gradient;
    static constexpr Size packed = packed_of(ahead_pass);
    static constexpr Size gradient_scratch = packed_of(back_pass) + static_cast<Size>(d.most_chunks) * d.partial;
    static constexpr std::size_t worker_bytes =
        std::max({ahead_pass.scratch() * sizeof(T), (back_pass.scratch() + weight_gradient_size) * sizeof(T),
                  transforms_weight_gradient ? 0 : d.worker_bytes});

    static void pack(const Team& team, const T* weights, T* to) { winograd_pack<T, Out>(team, ahead_pass, weights, false, to); }

    // y (+)= w * x + bias; moments of y, if wanted, while it is in the cache. The sum is to y or, if that is not null, to addend.
    template <bool Accumulates>
    static void forward(const Team& team, int n, ConvInput<T> x, const T* weights, const T* bias, T* y, T* moments,
                        const T* addend = nullptr) {
        if (!addend) addend = y;
        constexpr WinogradPass p = ahead_pass;
        team.run_images(p.groups(n), p.out_blocks, [&](int unit, Range blocks, std::byte* own) {
            const Scratch s(p, own);
            WinogradGroup group = group_of(p, unit, n);
            for (int band = 0; band < p.bands(); ++band) {
                set_band(p, band, group);
                winograd_fill(p, group, x, s.padded);
                winograd_transform<T, Out>(p, group, s.padded, s.transformed);
                for (int block = blocks.begin; block < blocks.end; ++block) {
                    alignas(simd::line_bytes) T wide_bias[static_cast<Size>(lanes)] = {};
                    if (bias) std::copy_n(bias + block * lanes, block + 1 == p.out_blocks ? p.last_out : p.lanes, wide_bias);
                    Ahead ahead = winograd_ahead<T>(team, p, group, n, block, x.data, nullptr, y, addend);
                    result<Accumulates>(p, group, weights, block, bias ? wide_bias : nullptr, addend, y, s, ahead);
                }
            }
            if (!moments) return;
            for (int image = group.first_image; image < group.first_image + group.images; ++image) {
                const Size at = static_cast<Size>(image);
                MomentKernels<T>::moments(y + at * p.to_image(), p.to, blocks, moments + at * 2 * d.out_wide);
            }
        });
    }

    // dx (+)= w' * dy; then what follows each image of it.
    template <bool Accumulates>
    static void data_gradient(const Team& team, int n, const T* dy, const T* weights, T* dx, T* scratch, ImageStage then = {}) {
        constexpr WinogradPass p = back_pass;
        winograd_pack<T, Out>(team, p, weights, true, scratch);
        team.run_images(p.groups(n), p.out_blocks, [&](int unit, Range blocks, std::byte* own) {
            const Scratch s(p, own);
            WinogradGroup group = group_of(p, unit, n);
            for (int band = 0; band < p.bands(); ++band) {
                set_band(p, band, group);
                winograd_fill(p, group, ConvInput<T>{dy}, s.padded);
                winograd_transform<T, Out>(p, group, s.padded, s.transformed);
                for (int block = blocks.begin; block < blocks.end; ++block) {
                    Ahead ahead = winograd_ahead<T>(team, p, group, n, block, dy, nullptr, dx, dx);
                    result<Accumulates>(p, group, scratch, block, nullptr, dx, dx, s, ahead);
                }
            }
            each_image(group, blocks, then);
        });
    }

    // dw += dy * x, and the bias's: sums over chunks of images, which are added in their order.
    static void weight_gradient(const Team& team, int n, ConvInput<T> x, PendingGradient<T> dy, T* dw, T* dbias,
                                T* scratch) requires takes_pending {
        both<false, false>(team, n, x, dy, dw, dbias, nullptr, scratch, {});
    }
    static void weight_gradient(const Team& team, int n, ConvInput<T> x, const T* dy, T* dw, T* dbias, T* scratch) {
        if constexpr (takes_pending) {
            weight_gradient(team, n, x, PendingGradient<T>{dy}, dw, dbias, scratch);
        } else {
            DirectWeightGradient<T, Geometry>::run(team, n, x, dy, dw, dbias, scratch + packed_of(back_pass), 0,
                                                   [](int, Range, std::byte*) {});
        }
    }

    // Both gradients at once: what is transformed of dy serves both.
    template <bool Accumulates>
    static void gradients(const Team& team, int n, ConvInput<T> x, PendingGradient<T> dy, const T* weights, T* dw, T* dbias,
                          T* dx, T* scratch, ImageStage then = {}) {
        if constexpr (transforms_weight_gradient) {
            winograd_pack<T, Out>(team, back_pass, weights, true, scratch);
            both<true, Accumulates>(team, n, x, dy, dw, dbias, dx, scratch, then);
        } else {
            weight_gradient(team, n, x, dy.data, dw, dbias, scratch);
            data_gradient<Accumulates>(team, n, dy.data, weights, dx, scratch, then);
        }
    }

private:
    struct Scratch {
        Scratch(const WinogradPass& p, std::byte* own)
            : padded(reinterpret_cast<T*>(own)), transformed(padded + p.padded), products(transformed + p.transformed) {}

        T* padded;
        T* transformed;
        T* products;
    };

    // The images of a unit of work; which of its bands is set then.
    static WinogradGroup group_of(const WinogradPass& p, int unit, int n) {
        const int first = unit * p.group_images;
        return {first, std::min(p.group_images, n - first), 0, p.tile_rows};
    }
    static void set_band(const WinogradPass& p, int band, WinogradGroup& group) {
        group.first_row = band * p.group_rows;
        group.rows = std::min(p.group_rows, p.tile_rows - group.first_row);
    }

    template <bool Accumulates>
    static void result(const WinogradPass& p, const WinogradGroup& group, const T* weights, int block, const T* bias,
                       const T* addend, T* y, const Scratch& s, Ahead& ahead) {
        const T* of_block = weights + static_cast<Offset>(block) * p.positions * p.in_blocks * lanes * lanes;
        winograd_products<T, tiles_at_once>(p, s.transformed, of_block, group.tiles(p), s.products, ahead);
        winograd_finish<T, Out, Accumulates>(p, group, s.products, block, bias, addend, y);
    }

    template <bool WithData, bool Accumulates>
    static void both(const Team& team, int n, ConvInput<T> x, PendingGradient<T> dy, T* dw, T* dbias, T* dx, T* scratch,
                     ImageStage then) {
        constexpr WinogradPass p = back_pass;
        T* partials = scratch + packed_of(p);
        const int units = p.groups(n);
        const int chunks = std::min(units, d.most_chunks);
        team.run(chunks, [&](int chunk, std::byte* own) {
            const Scratch s(p, own);
            T* spread = s.products + p.products;
            T* sums = spread + spread_size;
            T* partial = partials + static_cast<Size>(chunk) * d.partial;
            T* bias_sums = partial + d.weights;
            if (dbias) std::fill_n(bias_sums, d.out_wide, T(0));

            bool first = true;
            const Range of_chunk = part_of(units, chunks, chunk);
            for (int unit = of_chunk.begin; unit < of_chunk.end; ++unit) {
                WinogradGroup group = group_of(p, unit, n);
                if (dbias) add_bias(dy.data, group, bias_sums);
                for (int band = 0; band < p.bands(); ++band) {
                    set_band(p, band, group);
                    winograd_fill(p, group, dy, s.padded);
                    winograd_transform<T, Out>(p, group, s.padded, s.transformed);
                    for (int block = 0; block < p.out_blocks; ++block) {
                        winograd_spread<T, Out>(p, group, x, block, spread_step, spread + block * p.group_tiles * lanes);
                        if constexpr (WithData) {
                            Ahead ahead = winograd_ahead<T>(team, p, group, n, block, dy.data, dy.x, dx, dx);
                            result<Accumulates>(p, group, scratch, block, nullptr, dx, dx, s, ahead);
                        }
                    }
                    Ahead ahead = winograd_ahead_of_sums(team, p, group, n, inputs_at_once, x.data);
                    winograd_add_sums<T, inputs_at_once>(p, s.transformed, spread, spread_step, group.tiles(p), first, sums,
                                                         sum_step, ahead);
                    first = false;
                }
                if constexpr (WithData) each_image(group, {0, p.out_blocks}, then);
            }
            winograd_weights_back<T, Out>(p, sums, sum_step, partial);
        });
        combine_chunks(team, d, partials, chunks, dw, dbias);
    }

    static void each_image(const WinogradGroup& group, Range blocks, ImageStage then) {
        for (int image = group.first_image; image < group.first_image + group.images; ++image) then(image, blocks);
    }

    static void add_bias(const T* dy, const WinogradGroup& group, T* sums) {
        for (int image = group.first_image; image < group.first_image + group.images; ++image) {
            const T* from = dy + static_cast<Size>(image) * back_pass.from_image();
            for (int block = 0; block < back_pass.in_blocks; ++block) {
                auto sum = simd::load(sums + block * lanes);
                for (Size k = 0; k < Geometry.out.pixels(); ++k, from += lanes) sum = sum + simd::load(from);
                simd::store(sums + block * lanes, sum);
            }
        }
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
