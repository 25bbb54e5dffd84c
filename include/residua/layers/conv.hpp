// Convolution.
#pragma once

#include <residua/core/frame.hpp>
#include <residua/core/names.hpp>
#include <residua/kernels/geometry.hpp>

namespace residua::inline RESIDUA_ISA {

// Whether a convolution adds a bias, and what that starts from.
struct NoBias {
    static constexpr bool present = false;
    static constexpr double initial = 0;
};
template <Real Initial = Real(0)>
struct BiasFrom {
    static constexpr bool present = true;
    static constexpr double initial = Initial.value;
};
using WithBias = BiasFrom<>;

// y[o] = sum over i, u, v of w[o][i][u][v] x[i], plus bias[o] if there is one.
//
//   Out = {Filters, floor((H + before + after - Kernel) / Stride) + 1, the same of W}
//   parameters: weight [Filters][In.channels][Kernel][Kernel], bias [Filters]
//
// Errors: a size of zero or less; a kernel larger than the padded input.
template <int Filters, int Kernel = 3, int Stride = 1, Padding Pad = Padding(Kernel / 2), class Bias = NoBias>
struct Conv {
    static constexpr Word word = Word::conv;
    static constexpr int stride = Stride;
    static constexpr Window window{Kernel, Stride, Pad};

    static constexpr Outcome output(Shape in) {
        if (Filters < 1 || Kernel < 1 || Stride < 1 || Pad.before < 0 || Pad.after < 0) {
            return {Fault::size, in, {Filters, Kernel, Stride}};
        }
        const Shape out{Filters, window.over(in.height), window.over(in.width)};
        if (out.pixels() == 0) return {Fault::kernel, in, {Filters, Kernel, Kernel}};
        return out;
    }

    template <Signal In, class K>
    struct At : Bound<Conv, In, K> {
        using T = typename K::Scalar;
        static constexpr Shape in_shape = In;
        static constexpr Shape out_shape = output(in_shape).shape;
        static constexpr ConvGeometry geometry{in_shape, out_shape, window};
        using Convolution = typename K::template Convolution<geometry>;

        static constexpr Size weights = static_cast<Size>(Filters) * In.channels * Kernel * Kernel;
        static constexpr Size biases = Bias::present ? Filters : 0;
        static constexpr Extent extent{.parameters = weights + biases, .prepared = rounded(Convolution::packed)};
        static constexpr Size macs = weights * out_shape.pixels();
        static constexpr Size worker_bytes = Convolution::worker_bytes;
        static constexpr bool reads_input = true;
        static constexpr bool discards = true;

        template <Mode M, bool>
        static constexpr Need forward_scratch{M == Mode::inference ? 0 : rounded(Convolution::packed), 0};
        template <bool>
        static constexpr Need backward_scratch{rounded(Convolution::gradient_scratch), 0};

        static const T* bias(const Frame<T>& f) { return Bias::present ? f.parameters + weights : nullptr; }

        static void prepare(const Frame<T>& f) { Convolution::pack(*f.team, f.parameters, f.prepared); }

        // What a fused layer that activates while it loads shares with this one.
        template <Mode M, class Out>
        static void convolve(const Frame<T>& f, ConvInput<T> x, Out y) {
            T* packed = f.prepared;
            if constexpr (M != Mode::inference) {
                packed = f.scratch_fixed;
                Convolution::pack(*f.team, f.parameters, packed);
            }
            Convolution::template forward<Out::accumulates>(*f.team, f.n, x, packed, bias(f), y.data, y.moments);
        }
        static void weight_gradient(const Frame<T>& f, ConvInput<T> x, Gradient<T> dy) {
            T* bias_gradient = Bias::present ? f.gradients + weights : nullptr;
            Convolution::weight_gradient(*f.team, f.n, x, dy.data, f.gradients, bias_gradient, f.scratch_fixed);
        }
        template <bool Accumulates>
        static void data_gradient(const Frame<T>& f, Gradient<T> dy, T* dx) {
            Convolution::template data_gradient<Accumulates>(*f.team, f.n, dy.data, f.parameters, dx, f.scratch_fixed);
        }

        template <Mode M, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            convolve<M>(f, ConvInput<T>{x.data}, y);
        }
        template <class Out>
        static void backward(const Frame<T>& f, Input<T> x, Input<T>, Gradient<T> dy, Out dx) {
            weight_gradient(f, ConvInput<T>{x.data}, dy);
            if constexpr (is_wanted<Out>) data_gradient<Out::accumulates>(f, dy, dx.data);
        }

        static constexpr void describe(Namer& namer) {
            const auto leaf = namer.leaf(
                "conv", In, out_shape, weights + biases, macs,
                {{"kernel", Kernel}, {"stride", Stride}, {"padding before", Pad.before}, {"padding after", Pad.after}});
            namer.tensor("weight", Role::weight, {Filters, In.channels, Kernel, Kernel}, 4);
            if constexpr (Bias::present) namer.tensor("bias", Role::bias, {Filters}, 1, Bias::initial);
        }
    };
};

}  // namespace residua::inline RESIDUA_ISA
