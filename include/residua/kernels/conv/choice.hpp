// Which kernel serves a convolution: a function of its geometry alone, so that no bit depends on how many images there are.
#pragma once

#include <residua/kernels/conv/direct.hpp>
#include <residua/kernels/conv/pointwise.hpp>
#include <residua/kernels/conv/winograd.hpp>
#include <residua/kernels/conv/winograd_wide.hpp>

#include <type_traits>

namespace residua::inline RESIDUA_ISA {

namespace kernels {

// Tiles of Winograd's convolution that serves, or 0: the direct one does.
template <class T>
constexpr int winograd_tile(const ConvGeometry& g) {
    const bool fits = g.window.size == 3 && g.window.stride == 1 && g.groups == 1 && g.window.padding.before <= 2;
    // (With fewer channels the transforms cost more than the products save; doubles are for who wants digits.)
    if (!fits || !std::is_same_v<T, float> || g.in.channels < 16 || g.out.channels < 16) return 0;
    const auto saving = [&](int out) { return std::min(winograd_saving(g.out, out), winograd_saving(g.in, out)); };
    if (saving(4) >= 2) return 4;
    return saving(2) >= 1.7 ? 2 : 0;
}

// Is a weight gradient more than a chunk of images may have for itself?
template <class T>
constexpr bool is_wide(const ConvGeometry& g) {
    return chunks_of(static_cast<Size>(padded(g.in.channels, simd::lanes<T>)) *
                     static_cast<Size>(padded(g.out.channels, simd::lanes<T>) * g.window.size * g.window.size) * sizeof(T)) == 1;
}

template <class T, ConvGeometry G, int Tile>
struct Served {
    using type = WinogradConvolution<T, G, Tile>;
};
template <class T, ConvGeometry G, int Tile>
    requires(Tile > 0 && is_wide<T>(G))
struct Served<T, G, Tile> {
    using type = WideWinogradConvolution<T, G, Tile>;
};
template <class T, ConvGeometry G>
struct Served<T, G, 0> {
    using type = DirectConvolution<T, G>;
};
template <class T, ConvGeometry G>
    requires(is_pointwise(G))
struct Served<T, G, 0> {
    using type = PointwiseConvolution<T, G>;
};

}  // namespace kernels

// Rules of choice: the fastest kernel, whose rounding errors may be two to eight times those of a direct convolution (logits stay
// within 1e-4 of the largest); or none but direct ones.
struct Fastest {
    template <class T, kernels::ConvGeometry G>
    using Convolution = typename kernels::Served<T, G, kernels::winograd_tile<T>(G)>::type;
};
struct Exact {
    template <class T, kernels::ConvGeometry G>
    using Convolution = typename kernels::Served<T, G, 0>::type;
};

}  // namespace residua::inline RESIDUA_ISA
