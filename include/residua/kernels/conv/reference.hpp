// Convolution in plain loops on NCHW: the oracle that the vectorised kernels are tested against, and the first thing to read.
#pragma once

#include <residua/core/border.hpp>
#include <residua/core/team.hpp>
#include <residua/kernels/conv/ending.hpp>
#include <residua/kernels/conv/geometry.hpp>
#include <residua/kernels/conv/image_stage.hpp>

#include <algorithm>
#include <vector>

namespace residua::inline RESIDUA_ISA::kernels::reference {

// visit(position in y, input channel, position in x, position in w) for every product of a convolution of one image.
//   x [in.channels][in.height][in.width]   y [out.channels][out.height][out.width]
//   w [out.channels][in.channels / groups][size][size]
template <class Visit>
void each_product(const ConvGeometry& g, Visit visit) {
    const Window& window = g.window;
    for (int o = 0; o < g.out.channels; ++o) {
        for (int of_group = 0; of_group < g.inputs_a_group(); ++of_group) {
            const int i = o / g.outputs_a_group() * g.inputs_a_group() + of_group;
            for (int row = 0; row < g.out.height; ++row) {
                for (int column = 0; column < g.out.width; ++column) {
                    for (int u = 0; u < window.size; ++u) {
                        for (int v = 0; v < window.size; ++v) {
                            const int y = row * window.stride + u - window.padding.before;
                            const int x = column * window.stride + v - window.padding.before;
                            if (y < 0 || y >= g.in.height || x < 0 || x >= g.in.width) continue;

                            const auto at = [](int major, int extent, int minor) {
                                return static_cast<Size>(major) * static_cast<Size>(extent) + static_cast<Size>(minor);
                            };
                            const Size in_y = at(o * g.out.height + row, g.out.width, column);
                            const Size in_x = at(i * g.in.height + y, g.in.width, x);
                            const Size in_w = at((o * g.inputs_a_group() + of_group) * window.size + u, window.size, v);
                            visit(in_y, i, in_x, in_w);
                        }
                    }
                }
            }
        }
    }
}

// What the convolution reads at a position: x, or relu(scale x + shift).
template <class T>
T activated(const ConvInput<T>& x, Size position, int channel) {
    const T value = x.data[position];
    if (!x.scale) return value;
    const T affine = x.scale[channel] * value + x.shift[channel];
    return affine < 0 ? T(0) : affine;
}

// The three passes on n images; members as a kernel policy's Convolution promises them.
template <class T, ConvGeometry G>
struct Convolution {
    static constexpr bool takes_pending = false;
    static constexpr Size packed = static_cast<Size>(G.out.channels) * G.inputs_a_group() * G.window.size * G.window.size;
    static constexpr Size forward_scratch = 0;
    static constexpr Size forward_scratch_of_image = 0;
    static constexpr Size gradient_scratch = 0;
    static constexpr std::size_t worker_bytes = 0;
    static constexpr std::size_t worker_bytes_of_one = worker_bytes;
    static constexpr std::size_t backward_worker_bytes = worker_bytes;

    static void pack(const Team&, const T* weights, T* to) { std::copy(weights, weights + packed, to); }

    // y (+)= w * x + bias, with a ReLU if there is one.   bias [out.channels] or null; the sum is to addend
    template <bool Accumulates, Rectify R = Rectify::nowhere, class Moments>
    static void forward(int n, ConvInput<T> x, const T* weights, const T* bias, const T* addend, T* y, Moments moments) {
        for (int image = 0; image < n; ++image) {
            const Size in_x = static_cast<Size>(image) * G.in.size();
            const T* from = addend + static_cast<Size>(image) * G.out.size();
            T* to = y + static_cast<Size>(image) * G.out.size();
            // (What a sum is to may be y.)
            constexpr bool apart = Accumulates && R == Rectify::before_sum;
            std::vector<T> rectified(apart ? G.out.size() : 0);
            T* sums = apart ? rectified.data() : to;
            for (Size p = 0; p < G.out.size(); ++p) {
                const T start = bias ? bias[p / G.out.pixels()] : T(0);
                sums[p] = Accumulates && !apart ? from[p] + start : start;
            }
            each_product(G, [&](Size at_y, int channel, Size at_x, Size at_w) {
                sums[at_y] += activated(x, in_x + at_x, channel) * weights[at_w];
            });
            if constexpr (R != Rectify::nowhere) {
                for (Size p = 0; p < G.out.size(); ++p) to[p] = ended<apart, R>(sums[p], [&] { return from[p]; });
            }
            moments(image, to);
        }
    }

    // dx (+)= w' * dy; then what follows each image of it.
    template <bool Accumulates>
    static void data_gradient(const Team&, int n, const T* dy, const T* weights, T* dx, T*, ImageStage then = {}) {
        for (int image = 0; image < n; ++image) {
            const T* from = dy + static_cast<Size>(image) * G.out.size();
            T* to = dx + static_cast<Size>(image) * G.in.size();
            if (!Accumulates) std::fill(to, to + G.in.size(), T(0));
            each_product(G, [&](Size at_y, int, Size at_x, Size at_w) { to[at_x] += from[at_y] * weights[at_w]; });
            then(image, {0, G.in.channels});
        }
    }

    // dw += dy * x, dbias += the sums of dy's channels
    static void weight_gradient(const Team&, int n, ConvInput<T> x, const T* dy, T* dw, T* dbias, T*) {
        for (int image = 0; image < n; ++image) {
            const Size in_x = static_cast<Size>(image) * G.in.size();
            const T* from = dy + static_cast<Size>(image) * G.out.size();
            each_product(G, [&](Size at_y, int channel, Size at_x, Size at_w) {
                dw[at_w] += from[at_y] * activated(x, in_x + at_x, channel);
            });
            if (!dbias) continue;
            for (Size p = 0; p < G.out.size(); ++p) dbias[p / G.out.pixels()] += from[p];
        }
    }

    // Both. (Nothing is left to do of dy: takes_pending.)
    template <bool Accumulates>
    static void gradients(const Team& team, int n, ConvInput<T> x, PendingGradient<T> dy, const T* weights, T* dw, T* dbias,
                          T* dx, T* scratch, ImageStage then = {}) {
        weight_gradient(team, n, x, dy.data, dw, dbias, scratch);
        data_gradient<Accumulates>(team, n, dy.data, weights, dx, scratch, then);
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels::reference
