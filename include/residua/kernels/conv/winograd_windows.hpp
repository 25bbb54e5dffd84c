// Winograd's convolutions whose weights are kept as windows and transformed when they are used, for inference.
//
// Transformed weights are 16 (F(4x4): 36) numbers where a window has 9. Of a network whose weights are more than a cache holds,
// each layer's come from memory for every image that is inferred alone, and that is what it waits for: 18 GB/s on a Zen 4 whose
// neighbours use the last level, too, where transforming them costs less. The numbers are the same.
#pragma once

#include <residua/kernels/conv/winograd.hpp>
#include <residua/kernels/conv/winograd_wide.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

// Windows, [block of results][in channel][3][3][result lane], with zeros for channels that fill up a block.
constexpr Size winograd_windows(const WinogradPass& p) {
    return static_cast<Size>(p.out_blocks * p.in_blocks) * static_cast<Size>(p.lanes * p.lanes) * 9;
}

//   weights   [out][in][3][3]
//   to        windows
template <class T>
__attribute__((noinline)) void winograd_pack_windows(const Team& team, const WinogradPass& p, const T* weights, T* to) {
    constexpr Offset lanes = simd::lanes<T>;
    const Offset channels = static_cast<Offset>(p.in_blocks) * lanes;
    team.run(p.out_blocks, [&](int block, std::byte*) {
        T* windows = to + block * channels * 9 * lanes;
        std::memset(windows, 0, static_cast<Size>(channels * 9 * lanes) * sizeof(T));
        const int real = block + 1 == p.out_blocks ? p.last_out : p.lanes;
        for (int l = 0; l < real; ++l) {
            const T* from = weights + (static_cast<Offset>(block) * lanes + l) * p.from.channels * 9;
            for (Offset k = 0; k < static_cast<Offset>(p.from.channels) * 9; ++k) windows[k * lanes + l] = simd::flushed(from[k]);
        }
    });
}

// Blocks of in channels whose windows are transformed together: 74 KB of F(4x4). (ResNet-110, one image, medians: 2.20 ms; half
// as many channels 2.29; a quarter, which fits the first-level cache, 2.85, for sums are loaded and stored too often; all 2.65.)
inline constexpr int windows_at_once = 2;

// Scratch of winograd_products_of_windows.
template <class T>
constexpr Size winograd_weight_scratch(const WinogradPass& p) {
    return static_cast<Size>(p.blocks_at_once) * static_cast<Size>(p.positions) *
           static_cast<Size>((windows_at_once * simd::lanes<T> + 1) * simd::lanes<T>);
}

// products = transformed windows times transformed inputs, at all positions, for some blocks of results.
//
//   transformed   [position][in block][tile][lanes]
//   windows       all
//   products      [block of results][position][tile][lanes]
//   weights       scratch
template <class T, int Out>
__attribute__((noinline)) void winograd_products_of_windows(const WinogradPass& p, const T* transformed, const T* windows,
                                                            Range blocks, int tiles, T* products, T* weights) {
    constexpr Offset lanes = simd::lanes<T>;
    constexpr Offset of_channel = 9 * lanes;
    const Offset of_results = p.in_blocks * lanes * of_channel;
    const int count = blocks.end - blocks.begin;

    // The products of a convolution of these in channels alone.
    WinogradPass part = p;
    part.weight_step = (windows_at_once * lanes + 1) * lanes;
    const WinogradBlocks apart{count, p.positions * part.weight_step, p.product_block};
    for (int first = 0; first < p.in_blocks; first += windows_at_once) {
        part.in_blocks = std::min(windows_at_once, p.in_blocks - first);
        part.last_in = first + part.in_blocks == p.in_blocks ? p.last_in : p.lanes;
        const T* const from = windows + blocks.begin * of_results + first * lanes * of_channel;
        for (int block = 0; block < count; ++block) {
            for (Offset i = 0; i < part.in_blocks * lanes; ++i) {
                WinogradTransform<T, Out>::weights(from + block * of_results + i * of_channel,
                                                   weights + block * apart.weights + i * lanes, part.weight_step);
            }
        }

        // (At last the next blocks'.)
        const bool last = first + part.in_blocks == p.in_blocks;
        const T* const next = last ? windows + blocks.end * of_results : from + part.in_blocks * lanes * of_channel;
        const int next_blocks = last ? std::min(count, p.out_blocks - blocks.end) : count;
        const int next_in =
            last ? std::min(windows_at_once, p.in_blocks) : std::min(windows_at_once, p.in_blocks - first - windows_at_once);
        Ahead ahead;
        ahead.reads(next, static_cast<Size>(next_in * lanes * of_channel) * sizeof(T), static_cast<Size>(of_results) * sizeof(T),
                    next_blocks);
        ahead.spread_over(static_cast<Size>(p.positions * part.in_blocks * winograd_fetches<T>(tiles, count)));
        winograd_products(part, transformed + first * p.group_tiles * lanes, weights, {0, p.positions}, tiles, products, apart,
                          ahead, first == 0);
    }
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
    static constexpr Size forward_scratch = Transformed::packed;
    static constexpr std::size_t worker_bytes_of_one = scratch(winograd_fitted<T>(p, 1)) * sizeof(T);
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
        Transformed::Passes::template forward<Accumulates, R>(team, winograd_fitted<T>(p, n), n, x, bias, y, moments,
                                                              Transformed::of_moments, addend ? addend : y,
                                                              WinogradWindows<T, Out>{windows});
    }
};

// Windows in the place of WideWinogradPasses::Weights: a task has as many blocks of results as are summed at once, or fewer, so
// that there is one for each worker.
template <class T, int Out>
struct WideWinogradWindows {
    const T* windows;

    void operator()(const Team& team, const WinogradPass& p, const WinogradGroup& group, const WideWinogradScratch<T>& s) const {
        const int fewest = (p.out_blocks + p.blocks_at_once - 1) / p.blocks_at_once;
        const int tasks = std::max(fewest, std::min(p.out_blocks, team.workers()));
        team.run(tasks, [&](int task, std::byte* own) {
            const Range blocks = part_of(p.out_blocks, tasks, task);
            winograd_products_of_windows<T, Out>(p, s.transformed, windows, blocks, group.tiles(p),
                                                 s.products + blocks.begin * p.product_block, reinterpret_cast<T*>(own));
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
        std::max<std::size_t>(Transformed::worker_bytes, winograd_weight_scratch<T>(winograd_fitted<T>(p, 1)) * sizeof(T));
    static constexpr std::size_t worker_bytes_of_one = worker_bytes;

    static void pack(const Team& team, const T* weights, T* to) { winograd_pack_windows(team, p, weights, to); }

    template <bool Accumulates, Rectify R = Rectify::nowhere>
    static void forward(const Team& team, int n, ConvInput<T> x, const T* windows, const T* bias, T* y, T* scratch, T* moments,
                        const T* addend = nullptr) {
        Transformed::Passes::template forward<Accumulates, R>(team, winograd_fitted<T>(p, n), n, x, bias, y, scratch, moments,
                                                              Transformed::of_moments, addend ? addend : y,
                                                              WideWinogradWindows<T, Out>{windows});
    }
};

// The convolution of windows that gives the same numbers, of one that has it.
template <class Convolution>
struct OfWindows {
    using type = Convolution;
};
template <class T, ConvGeometry G, int Out>
struct OfWindows<WinogradConvolution<T, G, Out>> {
    using type = WinogradOfWindows<T, G, Out>;
};
template <class T, ConvGeometry G, int Out>
struct OfWindows<WideWinogradConvolution<T, G, Out>> {
    using type = WideWinogradOfWindows<T, G, Out>;
};

}  // namespace residua::inline RESIDUA_ISA::kernels
