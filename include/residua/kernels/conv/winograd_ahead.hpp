// What a Winograd convolution fetches while it sums products. The steps around the sums do little with each line, and would wait
// for memory: fetching it in the sums' inner loops, which need none, takes a step of ResNet-20 from 757 to 915 images/s (Zen 4).
#pragma once

#include <residua/core/team.hpp>
#include <residua/kernels/conv/winograd_products.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

// While this many tiles are summed for a weight gradient, fetch is called once.
inline constexpr int winograd_tiles_a_fetch = 8;

// The images of the group that a worker is likely to be given after this one; none if others may take it.
inline Range winograd_next_images(const Team& team, const WinogradPass& p, const WinogradGroup& group, int n) {
    const int next = group.first_image + group.images;
    const bool ours = team.workers() == 1 || p.groups(n) >= few_images;
    return ours ? Range{std::min(next, n), std::min(next + p.group_images, n)} : Range{};
}

// While a block of results is summed: that block's share of the next group of whole images, or the same block of the next band.
//
//   reads, beside    images of `from`; beside may be null
//   writes, addend   images of `to`; addend may be writes (and is, where beside is not null)
template <class T>
__attribute__((noinline)) Ahead winograd_ahead(const Team& team, const WinogradPass& p, const WinogradGroup& group, int n,
                                               int block, const T* reads, const T* beside, const T* writes, const T* addend) {
    const Size calls = static_cast<Size>(p.positions * p.in_blocks * winograd_fetches<T>(group.tiles(p), 1));
    const auto fetch = [&](Size read_at, Size read_end, Size write_at, Size write_end) {
        Ahead ahead;
        ahead.reads(reads + read_at, (read_end - read_at) * sizeof(T));
        if (beside) ahead.reads(beside + read_at, (read_end - read_at) * sizeof(T));
        if (addend != writes) ahead.reads(addend + write_at, (write_end - write_at) * sizeof(T));
        ahead.writes(writes + write_at, (write_end - write_at) * sizeof(T));
        ahead.spread_over(calls);
        return ahead;
    };

    if (p.bands() == 1) {
        const Range next = winograd_next_images(team, p, group, n);
        const auto share = [&](Size image, int part) {
            const Size lines = static_cast<Size>(next.end - next.begin) * image / static_cast<Size>(p.lanes);
            return static_cast<Size>(next.begin) * image +
                   lines * static_cast<Size>(part) / static_cast<Size>(p.out_blocks) * static_cast<Size>(p.lanes);
        };
        return fetch(share(p.from_image(), block), share(p.from_image(), block + 1), share(p.to_image(), block),
                     share(p.to_image(), block + 1));
    }
    const auto row = [&](Shape image, Size image_size, int tile_row) {
        const Size rows = static_cast<Size>(block * image.height + std::min(tile_row * p.out, image.height));
        return static_cast<Size>(group.first_image) * image_size + rows * static_cast<Size>(image.width * p.lanes);
    };
    const int begin = group.first_row + group.rows;
    const int end = begin + p.group_rows;
    const bool read = block < p.in_blocks;
    return fetch(read ? row(p.from, p.from_image(), begin) : 0, read ? row(p.from, p.from_image(), end) : 0,
                 row(p.to, p.to_image(), begin), row(p.to, p.to_image(), end));
}

// While a weight gradient is summed: what the next group of whole images will spread.
//
//   reads   images of `to`
template <class T>
__attribute__((noinline)) Ahead winograd_ahead_of_sums(const Team& team, const WinogradPass& p, const WinogradGroup& group, int n,
                                                       int inputs_at_once, const T* reads) {
    if (p.bands() > 1) return {};
    const Range next = winograd_next_images(team, p, group, n);
    const Size calls = static_cast<Size>(p.positions * p.in_blocks * p.out_blocks * (p.lanes / inputs_at_once)) *
                       static_cast<Size>((group.tiles(p) + winograd_tiles_a_fetch - 1) / winograd_tiles_a_fetch);
    Ahead ahead;
    ahead.reads(reads + static_cast<Size>(next.begin) * p.to_image(),
                static_cast<Size>(next.end - next.begin) * p.to_image() * sizeof(T));
    ahead.spread_over(calls);
    return ahead;
}

}  // namespace residua::inline RESIDUA_ISA::kernels
