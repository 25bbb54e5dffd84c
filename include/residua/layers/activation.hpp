// Element-wise layers: ReLU, leaky ReLU, sigmoid, multiplication by a constant.
#pragma once

#include <residua/core/frame.hpp>
#include <residua/core/names.hpp>
#include <residua/kernels/functions.hpp>

#include <string_view>

namespace residua::inline RESIDUA_ISA {

namespace detail {

enum class Reads { nothing, output };

// y = Function(x); its derivative is a function of y, so that it can work in place, or of nothing.
template <class Spec, class Function, Reads What, Signal In, class K>
struct Elementwise : Bound<Spec, In, K> {
    using T = typename K::Scalar;
    static constexpr Shape shape = In;
    static constexpr Size image = stored(shape, K::lanes);
    static constexpr int blocks = blocks_of(In.channels, K::lanes);
    static constexpr bool in_place = true;
    static constexpr bool reads_output = What == Reads::output;

    template <Mode, class Out>
    static void forward(const Frame<T>& f, Input<T> x, Out y) {
        f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) {
            const Size at = static_cast<Size>(i);
            K::template map<Out::accumulates>(x.data + at * image, shape, b, y.data + at * image, Function{});
            if (y.moments) K::moments(y.data + at * image, shape, b, y.moments + at * 2 * padded(In.channels, K::lanes));
        });
    }
    template <class Out>
    static void backward(const Frame<T>& f, Input<T>, Input<T> y, Gradient<T> dy, Out dx) {
        const T* read = What == Reads::output ? y.data : dy.data;
        f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) {
            const Size at = static_cast<Size>(i) * image;
            K::template map_gradient<Out::accumulates>(read + at, dy.data + at, shape, b, dx.data + at, Function{});
        });
    }
    static constexpr void describe(Namer& namer) {
        if constexpr (requires { Spec::options; }) {
            namer.leaf(Spec::kind, shape, shape, Spec::options);
        } else {
            namer.leaf(Spec::kind, shape, shape);
        }
    }
};

}  // namespace detail

// max(x, 0). NaN stays NaN, as in PyTorch; the derivative at 0 is 0.
struct Relu : KeepsShape {
    static constexpr std::string_view kind = "relu";
    template <Signal In, class K>
    struct At : detail::Elementwise<Relu, functions::Relu, detail::Reads::output, In, K> {};
};

// x where it is positive, Slope x elsewhere. Error: a slope that is not positive (for zero there is Relu).
template <Real Slope = Real(0.01)>
struct LeakyRelu {
    static constexpr Outcome output(Shape in) {
        if (!(Slope.value > 0)) return {Fault::number, in, in};
        return in;
    }
    static constexpr std::string_view kind = "leaky_relu";
    static constexpr Options options{{"slope", Slope.value}};
    template <Signal In, class K>
    struct At : detail::Elementwise<LeakyRelu, functions::LeakyRelu<Slope>, detail::Reads::output, In, K> {};
};

// 1 / (1 + exp(-x))
struct Sigmoid : KeepsShape {
    static constexpr std::string_view kind = "sigmoid";
    template <Signal In, class K>
    struct At : detail::Elementwise<Sigmoid, functions::Sigmoid, detail::Reads::output, In, K> {};
};

// Factor x: constant scaling on a shortcut or at the end of a branch.
template <Real Factor>
struct Scale : KeepsShape {
    static constexpr std::string_view kind = "scale";
    static constexpr Options options{{"factor", Factor.value}};
    template <Signal In, class K>
    struct At : detail::Elementwise<Scale, functions::Scale<Factor>, detail::Reads::nothing, In, K> {};
};

}  // namespace residua::inline RESIDUA_ISA
