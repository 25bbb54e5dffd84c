// Winograd's convolution of one geometry with many channels (3x3, stride 1, one group).
#pragma once

#include <residua/kernels/conv/winograd_wide_passes.hpp>

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
    static constexpr DirectPlan d = direct_plan(Geometry, simd::lanes<T>, sizeof(T));
    static constexpr WinogradPass ahead_pass =
        winograd_pass(Geometry.in, Geometry.out, padding, Out, simd::lanes<T>, sizeof(T), true);
    static constexpr WinogradPass back_pass =
        winograd_pass(Geometry.out, Geometry.in, 2 - padding, Out, simd::lanes<T>, sizeof(T), true);
    static constexpr Size of_moments = 2 * d.out_wide;
    using Passes = WideWinogradPasses<T, Out>;

public:
    static constexpr bool takes_pending = true;
    static constexpr Size packed = ahead_pass.packed();
    static constexpr Size forward_scratch = ahead_pass.transformed + ahead_pass.products;
    static constexpr Size forward_scratch_of_image = 0;
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
        Passes::template forward<Accumulates, R>(team, winograd_fitted<T>(ahead_pass, n), n, x, bias, y, scratch, moments,
                                                 of_moments, addend ? addend : y, typename Passes::Weights{weights});
    }

    // dx (+)= w' * dy; then what follows each image of it.
    template <bool Accumulates>
    static void data_gradient(const Team& team, int n, const T* dy, const T* weights, T* dx, T* scratch, ImageStage then = {}) {
        winograd_pack<T, Out>(team, back_pass, weights, true, scratch);
        Passes::template data_gradient<Accumulates>(team, back_pass, n, dy, scratch, dx, scratch + back_pass.packed(), then);
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
