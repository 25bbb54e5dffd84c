// Element-wise layers: ReLU, leaky ReLU, sigmoid, GELU, SiLU, multiplication by a constant; and any function of your own.
#pragma once

#include <residua/kernels/elementwise/functions.hpp>
#include <residua/layers/layer.hpp>

#include <string_view>

namespace residua::inline RESIDUA_ISA {

// What an element-wise function's derivative is a function of. (Only of x, it cannot work in place: x is kept.)
enum class Reads { nothing, input, output };

// The bound layer of y = Function(x), with Function as in kernels/elementwise/functions.hpp. Spec has its name in tables, `kind`,
// and, where Function has numbers of its own, `settings`.
template <class Spec, class Function, Reads What, Signal In, class K>
struct Elementwise : Bound<Spec, In, K> {
    using T = typename K::Scalar;
    static constexpr Shape shape = In;
    static constexpr Size image = stored(shape, K::lanes);
    static constexpr int blocks = blocks_of(In.channels, K::lanes);
    static constexpr bool in_place = What != Reads::input;
    static constexpr bool reads_input = What == Reads::input;
    static constexpr bool reads_output = What == Reads::output;
    static constexpr bool counts_moments = true;

    template <Mode, class Out>
    static void forward(const Frame<T>& f, Input<T> x, Out y) {
        write_images<K>(f, y, shape, [&](Size, Range b, Size at) {
            K::template map<Out::accumulates>(x.data + at, shape, b, y.data + at, Function{});
        });
    }
    template <class X, class Y, class Out>
    static void backward(const Frame<T>& f, X x, Y y, Gradient<T> dy, Out dx) {
        const T* read = dy.data;
        if constexpr (What == Reads::input) read = x.data;
        if constexpr (What == Reads::output) read = y.data;
        f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) {
            const Size at = static_cast<Size>(i) * image;
            K::template map_gradient<Out::accumulates>(read + at, dy.data + at, shape, b, dx.data + at, Function{});
        });
    }
    static constexpr void describe(Namer& namer) {
        if constexpr (requires { Spec::settings; }) {
            namer.leaf(Spec::kind, shape, shape, Spec::settings);
        } else {
            namer.leaf(Spec::kind, shape, shape);
        }
    }
};

// max(x, 0). NaN stays NaN, as in PyTorch; the derivative at 0 is 0.
struct Relu : KeepsShape {
    static constexpr std::string_view kind = "relu";
    template <Signal In, class K>
    struct At : Elementwise<Relu, kernels::functions::Relu, Reads::output, In, K> {};
};

// x where it is positive, Slope x elsewhere. Error: a slope that is not positive (for zero there is Relu).
template <Real Slope = Real(0.01)>
struct LeakyRelu {
    static constexpr Outcome output(Shape in) {
        if (!(Slope.value > 0)) return {in, Quantity::slope, Slope.value};
        return in;
    }
    static constexpr std::string_view kind = "leaky_relu";
    static constexpr std::array settings{LayerSetting{"slope", Slope.value}};
    template <Signal In, class K>
    struct At : Elementwise<LeakyRelu, kernels::functions::LeakyRelu<Slope>, Reads::output, In, K> {};
};

// 1 / (1 + exp(-x))
struct Sigmoid : KeepsShape {
    static constexpr std::string_view kind = "sigmoid";
    template <Signal In, class K>
    struct At : Elementwise<Sigmoid, kernels::functions::Sigmoid, Reads::output, In, K> {};
};

// x P(X <= x) with X of the standard normal distribution (Hendrycks and Gimpel 2016), exactly: PyTorch's default.
struct Gelu : KeepsShape {
    static constexpr std::string_view kind = "gelu";
    template <Signal In, class K>
    struct At : Elementwise<Gelu, kernels::functions::Gelu, Reads::input, In, K> {};
};

// x sigmoid(x) (Elfwing et al. 2017); also called swish.
struct Silu : KeepsShape {
    static constexpr std::string_view kind = "silu";
    template <Signal In, class K>
    struct At : Elementwise<Silu, kernels::functions::Silu, Reads::input, In, K> {};
};

// Factor x: constant scaling on a shortcut or at the end of a branch.
template <Real Factor>
struct Scale : KeepsShape {
    static constexpr bool affine_in_inference = true;
    static constexpr std::string_view kind = "scale";
    static constexpr std::array settings{LayerSetting{"factor", Factor.value}};
    template <Signal In, class K>
    struct At : Elementwise<Scale, kernels::functions::Scale<Factor>, Reads::nothing, In, K> {
        static ChannelMap channel_map(const Frame<typename K::Scalar>&, Size) { return {Factor.value}; }
    };
};

}  // namespace residua::inline RESIDUA_ISA
