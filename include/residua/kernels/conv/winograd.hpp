// Winograd's convolution of one geometry (3x3, stride 1, one group).
#pragma once

#include <residua/kernels/conv/winograd_passes.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

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

    static constexpr Size of_moments = 2 * d.out_wide;
    using Passes = WinogradPasses<T, Out>;
    static_assert(std::min(ahead_pass.group_tiles, back_pass.group_tiles) >= winograd_tiles_at_once<T>);

public:
    static constexpr bool takes_pending = true;
    static constexpr Size packed = ahead_pass.packed();
    static constexpr Size forward_scratch = 0;
    static constexpr Size forward_scratch_of_image = 0;
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
        Passes::template forward<Accumulates, R>(team, p, n, x, bias, y, moments, of_moments, addend ? addend : y,
                                                 WinogradWeights<T>{weights});
    }

    // dx (+)= w' * dy; then what follows each image of it.
    template <bool Accumulates>
    static void data_gradient(const Team& team, int n, const T* dy, const T* weights, T* dx, T* scratch, ImageStage then = {}) {
        winograd_pack<T, Out>(team, back_pass, weights, true, scratch);
        Passes::template data_gradient<Accumulates>(team, back_pass, n, dy, scratch, dx, then);
    }

    // dw += dy * x, and the bias's.
    static void weight_gradient(const Team& team, int n, ConvInput<T> x, PendingGradient<T> dy, T* dw, T* dbias, T* scratch) {
        Passes::template gradients<false, false>(team, back_pass, d, n, x, dy, dw, dbias, nullptr, scratch, {});
    }
    static void weight_gradient(const Team& team, int n, ConvInput<T> x, const T* dy, T* dw, T* dbias, T* scratch) {
        weight_gradient(team, n, x, PendingGradient<T>{dy}, dw, dbias, scratch);
    }

    // Both gradients at once: what is transformed of dy serves both.
    template <bool Accumulates>
    static void gradients(const Team& team, int n, ConvInput<T> x, PendingGradient<T> dy, const T* weights, T* dw, T* dbias,
                          T* dx, T* scratch, ImageStage then = {}) {
        winograd_pack<T, Out>(team, back_pass, weights, true, scratch);
        Passes::template gradients<true, Accumulates>(team, back_pass, d, n, x, dy, dw, dbias, dx, scratch, then);
    }
};

}  // namespace residua::inline RESIDUA_ISA::kernels
