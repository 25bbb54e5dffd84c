// Winograd's convolutions whose weights are kept as windows and transformed when they are used, for inference.
//
// Transformed weights are 16 (F(4x4): 36) numbers where a window has 9. Of a network whose weights are more than a cache holds,
// each layer's come from memory for every image that is inferred alone, and that is what it waits for: 18 GB/s on a Zen 4 whose
// neighbours use the last level, too, where transforming them costs less. The numbers are the same.
#pragma once

#include <residua/kernels/conv/winograd.hpp>
#include <residua/kernels/conv/winograd_wide.hpp>
#include <residua/kernels/conv/winograd_window_products.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

// The pass for n images, fewer than a group holds. Windows serve one block of results at a time.
template <class T>
constexpr WinogradPass winograd_fitted_to_windows(const WinogradPass& p, int n) {
    return winograd_fitted<T>(p, n, 1);
}

// Windows in the place of WinogradWeights. (A worker's scratch goes on behind the products.)
template <class T, int Out>
struct WinogradWindows {
    const T* windows;

    void operator()(const WinogradPass& p, const WinogradGroup& group, Range blocks, const T* transformed, T* products,
                    Ahead&) const {
        winograd_products_of_windows<T, Out>(p, transformed, windows, blocks, group.tiles(p), products, products + p.products);
    }
};

// The transformed weights of all windows, as WinogradPass says.
template <class T, int Out>
__attribute__((noinline)) void winograd_weights_of_windows(const Team& team, const WinogradPass& p, const T* windows, T* to) {
    constexpr Offset lanes = simd::lanes<T>;
    const Offset channels = p.in_blocks * lanes;
    team.run(p.out_blocks, [&](int block, std::byte*) {
        const T* from = windows + block * channels * 9 * lanes;
        T* weights = to + static_cast<Offset>(block) * p.positions * p.weight_step;
        for (Offset i = 0; i < channels; ++i) {
            WinogradTransform<T, Out>::weights(from + i * 9 * lanes, weights + i * lanes, p.weight_step);
        }
    });
}

// Windows are transformed once for all images or, for few of them, block by block by the worker who needs them.
template <class T, ConvGeometry Geometry, int Out>
class WinogradOfWindows : public WinogradConvolution<T, Geometry, Out> {
    using Transformed = WinogradConvolution<T, Geometry, Out>;
    static constexpr WinogradPass p = Transformed::ahead_pass;
    static constexpr Size scratch(const WinogradPass& pass) { return pass.scratch() + winograd_weight_scratch<T>(pass); }

public:
    static constexpr Size packed = winograd_windows(p);
    // (All transformed weights, which more images need than one group holds: a share of them each, which others' room often has.)
    static constexpr Size forward_scratch_of_image =
        (Transformed::packed + static_cast<Size>(p.group_images)) / static_cast<Size>(p.group_images + 1);
    static constexpr std::size_t worker_bytes_of_one = scratch(winograd_fitted_to_windows<T>(p, 1)) * sizeof(T);
    static constexpr std::size_t worker_bytes = std::max<std::size_t>(scratch(p) * sizeof(T), worker_bytes_of_one);

    static void pack(const Team& team, const T* weights, T* to) { winograd_pack_windows(team, p, weights, to); }

    template <bool Accumulates, Rectify R = Rectify::nowhere>
    static void forward(const Team& team, int n, ConvInput<T> x, const T* windows, const T* bias, T* y, T* scratch, T* moments,
                        const T* addend = nullptr) {
        if (p.groups(n) > 1) {
            winograd_weights_of_windows<T, Out>(team, p, windows, scratch);
            Transformed::template forward<Accumulates, R>(team, n, x, scratch, bias, y, nullptr, moments, addend);
            return;
        }
        // (One image's windows are transformed once a band: there are no more of them for it alone.)
        Transformed::Passes::template forward<Accumulates, R>(team, winograd_fitted_to_windows<T>(p, n), n, x, bias, y, moments,
                                                              Transformed::of_moments, addend ? addend : y,
                                                              WinogradWindows<T, Out>{windows});
    }
};

// Windows in the place of WideWinogradPasses::Weights.
template <class T, int Out>
struct WideWinogradWindows {
    const T* windows;

    void operator()(const Team& team, const WinogradPass& p, const WinogradGroup& group, const WideWinogradScratch<T>& s) const {
        team.run(p.out_blocks, [&](int block, std::byte* own) {
            winograd_products_of_windows<T, Out>(p, s.transformed, windows, {block, block + 1}, group.tiles(p),
                                                 s.products + block * p.product_block, reinterpret_cast<T*>(own));
        });
    }
};

template <class T, ConvGeometry Geometry, int Out>
class WideWinogradOfWindows : public WideWinogradConvolution<T, Geometry, Out> {
    using Transformed = WideWinogradConvolution<T, Geometry, Out>;
    static constexpr WinogradPass p = Transformed::ahead_pass;

public:
    static constexpr Size packed = winograd_windows(p);
    static constexpr std::size_t worker_bytes =
        std::max<std::size_t>(Transformed::worker_bytes, winograd_weight_scratch<T>(p) * sizeof(T));
    static constexpr std::size_t worker_bytes_of_one = worker_bytes;

    static void pack(const Team& team, const T* weights, T* to) { winograd_pack_windows(team, p, weights, to); }

    template <bool Accumulates, Rectify R = Rectify::nowhere>
    static void forward(const Team& team, int n, ConvInput<T> x, const T* windows, const T* bias, T* y, T* scratch, T* moments,
                        const T* addend = nullptr) {
        Transformed::Passes::template forward<Accumulates, R>(team, winograd_fitted_to_windows<T>(p, n), n, x, bias, y, scratch,
                                                              moments, Transformed::of_moments, addend ? addend : y,
                                                              WideWinogradWindows<T, Out>{windows});
    }
};

// The convolution of windows that gives the same numbers, of one that has it: for layers whose images have few tiles (which use a
// transformed weight so seldom that making it takes less time than fetching it), or many.
template <class Convolution, bool Few, bool Many>
struct OfWindows {
    using type = Convolution;
};
template <class T, ConvGeometry G, int Out, bool Few, bool Many>
struct OfWindows<WinogradConvolution<T, G, Out>, Few, Many> {
    static constexpr bool wanted = winograd_tiles(G.out, Out) <= winograd_few_tiles_of_group ? Few : Many;
    using type = std::conditional_t<wanted, WinogradOfWindows<T, G, Out>, WinogradConvolution<T, G, Out>>;
};
template <class T, ConvGeometry G, int Out, bool Few, bool Many>
struct OfWindows<WideWinogradConvolution<T, G, Out>, Few, Many> {
    static constexpr bool wanted = winograd_tiles(G.out, Out) <= winograd_few_tiles_of_group ? Few : Many;
    using type = std::conditional_t<wanted, WideWinogradOfWindows<T, G, Out>, WideWinogradConvolution<T, G, Out>>;
};

}  // namespace residua::inline RESIDUA_ISA::kernels
