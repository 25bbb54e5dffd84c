// Convolution.
#pragma once

#include <residua/kernels/conv/geometry.hpp>
#include <residua/kernels/conv/image_stage.hpp>
#include <residua/layers/layer.hpp>
#include <residua/layers/options.hpp>

namespace residua::inline RESIDUA_ISA {

namespace detail {

// What a convolution's options say, as values: however they are spelt, equal settings are one layer.
struct ConvSettings {
    int filters = 1;
    Window window{};
    int groups = 1;
    bool has_bias = false;
    Real initial_bias = 0;
    bool is_identity = false;  // at first
    int wrong_option = 0;      // see detail::wrong_option
};

constexpr ConvSettings conv_settings(int filters, Options options) {
    using Kind = OptionKind;
    const int kernel = said(options, Kind::kernel, {.number = 3}).number;
    const int stride = said(options, Kind::stride, {.number = 1}).number;
    const Margins padding = said(options, Kind::padding, {.margins = kernel / 2}).margins;
    const Option bias = said(options, Kind::bias, {});
    return {.filters = filters,
            .window = {kernel, stride, padding},
            .groups = said(options, Kind::groups, {.number = 1}).number,
            .has_bias = bias.has_bias,
            .initial_bias = bias.initial,
            .is_identity = said(options, Kind::weights, {}).is_identity,
            .wrong_option =
                wrong_option(options, {Kind::kernel, Kind::stride, Kind::padding, Kind::groups, Kind::bias, Kind::weights})};
}

template <ConvSettings S>
struct ConvOf {
    static constexpr Word word = Word::conv;
    static constexpr Window window = S.window;
    static constexpr int stride = window.stride;

    // What Sequences fuse.
    using Settled = ConvOf;

    static constexpr Outcome output(Shape in) {
        if (S.wrong_option != 0) return {in, Quantity::option, static_cast<double>(S.wrong_option)};
        const SizeCheck sizes = SizeCheck{}.of(Quantity::filters, S.filters).of(window).of(Quantity::groups, S.groups);
        if (sizes.failed()) return {in, sizes.wrong};
        if (in.channels % S.groups != 0 || S.filters % S.groups != 0 || (S.is_identity && S.groups > 1))
            return {in, Quantity::groups, static_cast<double>(S.groups)};
        const Size square = product_of({static_cast<Size>(window.size), static_cast<Size>(window.size)});
        if (product_of({static_cast<Size>(S.filters), static_cast<Size>(in.channels), square}) > most_values) {
            return {in, Quantity::values, static_cast<double>(S.filters) * in.channels * static_cast<double>(square)};
        }
        const Shape out{S.filters, window.over(in.height), window.over(in.width)};
        if (out.pixels() == 0) return {in, Fault::kernel, {Quantity::kernel, static_cast<double>(window.size)}};
        return out;
    }

    template <Signal In, class K>
    struct At : Bound<ConvOf, In, K> {
        using T = typename K::Scalar;
        static constexpr Shape in_shape = In;
        static constexpr Shape out_shape = output(in_shape).shape;
        static constexpr kernels::ConvGeometry geometry{in_shape, out_shape, window, S.groups};
        using Convolution = typename K::template Convolution<geometry>;

        static constexpr int inputs = In.channels / S.groups;  // of an output channel
        static constexpr Size weights = static_cast<Size>(S.filters) * inputs * window.size * window.size;
        static constexpr Size biases = S.has_bias ? S.filters : 0;
        static constexpr double initial_bias = S.initial_bias.value;  // (read at run time, clang 14 gives 0 for it)
        static constexpr Extent extent{.parameters = weights + biases, .prepared = rounded(Convolution::packed)};
        static constexpr Totals totals{.macs = weights * out_shape.pixels(),
                                       .worker_bytes = Convolution::worker_bytes,
                                       .worker_bytes_of_one = Convolution::worker_bytes_of_one,
                                       .backward_worker_bytes = Convolution::backward_worker_bytes};
        static constexpr bool reads_input = true;
        static constexpr bool discards = true;
        static constexpr bool counts_moments = true;
        static constexpr bool takes_addend = true;
        static constexpr bool takes_pending = Convolution::takes_pending && !S.has_bias;

        template <Mode M, bool>
        static constexpr Need forward_scratch{
            (M == Mode::inference ? 0 : rounded(Convolution::packed)) + rounded(Convolution::forward_scratch),
            rounded(Convolution::forward_scratch_of_image)};
        template <bool>
        static constexpr Need backward_scratch{rounded(Convolution::gradient_scratch), 0};

        // What the kernel is lent: whatever the batch, or for each image.
        static T* kernel_scratch(const Frame<T>& f) {
            static_assert(Convolution::forward_scratch == 0 || Convolution::forward_scratch_of_image == 0);
            return Convolution::forward_scratch_of_image > 0 ? f.scratch : f.scratch_fixed;
        }

        static constexpr bool has_bias = S.has_bias;
        static const T* bias(const Frame<T>& f) { return has_bias ? f.parameters + weights : nullptr; }

        static void prepare(const Frame<T>& f) {
            Convolution::pack(*f.team, f.parameters, f.prepared);
            f.need_no_more(f.parameters, weights);
        }

        // What a fused layer that activates while it loads shares with this one.
        template <Mode M, class Out>
        static void convolve(const Frame<T>& f, kernels::ConvInput<T> x, Out y) {
            if (y.unread) return;
            T* packed = f.prepared;
            T* scratch = kernel_scratch(f);
            if constexpr (M != Mode::inference) {
                static_assert(Convolution::forward_scratch_of_image == 0);
                packed = scratch;
                scratch += rounded(Convolution::packed);
                Convolution::pack(*f.team, f.parameters, packed);
            }
            Convolution::template forward<Out::accumulates>(*f.team, f.n, x, packed, bias(f), y.data, scratch, y.moments,
                                                            y.addend);
        }
        static void weight_gradient(const Frame<T>& f, kernels::ConvInput<T> x, Gradient<T> dy) {
            T* bias_gradient = S.has_bias ? f.gradients + weights : nullptr;
            Convolution::weight_gradient(*f.team, f.n, x, dy.data, f.gradients, bias_gradient, f.scratch_fixed);
        }
        // With the gradient of what was read: dx (+)= w' * dy; and what follows each image of it.
        template <bool Accumulates>
        static void gradients(const Frame<T>& f, kernels::ConvInput<T> x, PendingGradient<T> dy, T* dx,
                              kernels::ImageStage then = {}) {
            T* bias_gradient = S.has_bias ? f.gradients + weights : nullptr;
            Convolution::template gradients<Accumulates>(*f.team, f.n, x, dy, f.parameters, f.gradients, bias_gradient, dx,
                                                         f.scratch_fixed, then);
        }

        template <Mode M, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            convolve<M>(f, kernels::ConvInput<T>{x.data}, y);
        }
        template <class Out>
        static void backward(const Frame<T>& f, Input<T> x, Unread, Gradient<T> dy, Out dx) {
            if constexpr (is_wanted<Out>) {
                gradients<Out::accumulates>(f, kernels::ConvInput<T>{x.data}, {dy.data}, dx.data);
            } else {
                weight_gradient(f, kernels::ConvInput<T>{x.data}, dy);
            }
        }
        template <class Out>
        static void backward(const Frame<T>& f, Input<T> x, Unread, PendingGradient<T> dy, Out dx) {
            if constexpr (is_wanted<Out>) {
                gradients<Out::accumulates>(f, kernels::ConvInput<T>{x.data}, dy, dx.data);
            } else {
                Convolution::weight_gradient(*f.team, f.n, {x.data}, dy, f.gradients, nullptr, f.scratch_fixed);
            }
        }

        static constexpr void describe(Namer& namer) {
            const auto leaf = namer.leaf("conv", In, out_shape, weights + biases, totals.macs,
                                         {{"kernel", static_cast<double>(window.size)},
                                          {"stride", static_cast<double>(window.stride)},
                                          {"padding before", static_cast<double>(window.padding.before)},
                                          {"padding after", static_cast<double>(window.padding.after)},
                                          {"groups", static_cast<double>(S.groups)}});
            constexpr Role role = S.is_identity ? Role::identity_weight : Role::weight;
            namer.tensor("weight", role, {S.filters, inputs, window.size, window.size}, 4);
            if constexpr (S.has_bias) namer.tensor("bias", Role::bias, {S.filters}, 1, initial_bias);
        }
    };
};

}  // namespace detail

// y[o] = sum over i, u, v of w[o][i][u][v] x[i], plus bias[o] if there is one. Options, in any order, and what holds without
// them:
//
//   Kernel<3>, Stride<1>, Padding<Kernel / 2>, Groups<1>, NoBias (or WithBias, or BiasFrom<Real(-6)>: what the bias starts from),
//   DrawnWeights (or IdentityWeights)
//
//   Out = {Filters, floor((H + before + after - Kernel) / Stride) + 1, the same of W}
//   parameters: weight [Filters][In.channels / Groups][Kernel][Kernel], bias [Filters]
//
// Errors: a size of zero or less; a kernel larger than the padded input; groups that do not divide the channels or the filters,
// or are more than one of IdentityWeights; an option that is unknown or given twice.
template <int Filters, class... Options>
struct Conv : detail::ConvOf<detail::conv_settings(Filters, {detail::option<Options>...})> {};

}  // namespace residua::inline RESIDUA_ISA
