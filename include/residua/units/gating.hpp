// Shortcuts with a gate: y = (1 - g) h(x) + [g] F(x), g = sigmoid(gate(x)) (He et al. 2016, section 3.1, figure 2 (c) and (d)).
#pragma once

#include <residua/units/shortcut.hpp>
#include <residua/units/watch.hpp>

namespace residua::inline RESIDUA_ISA {

// Is F(x) multiplied by g, too, or h(x) alone by 1 - g?
enum class Gates { both_paths, the_shortcut };

// The join that all of them are. Gate and H are layers on what the shortcut reads; both give F's shape.
template <class Gate, class H, Gates Which>
struct GateJoin {
    template <Signal In>
    static constexpr ShapeInference infer() {
        constexpr ShapeInference gate = inferred<Gate, In>;
        constexpr ShapeInference h = inferred<H, In>;
        if (!gate.ok()) return gate;
        if (h.ok() && gate.out.shape() != h.out.shape()) return ShapeInference::failed(Fault::addition, gate.out, h.out);
        ShapeInference result = h;
        result.layers += gate.layers;
        return result;
    }

    template <Signal In, class K>
    struct At : BoundJoin<GateJoin, In, K> {
        using T = typename K::Scalar;
        using G = residua::At<Gate, In, K>;
        using S = residua::At<H, In, K>;
        static constexpr Shape shape = At::out;
        static constexpr Size image = stored(shape, K::lanes);
        static constexpr int blocks = blocks_of(shape.channels, K::lanes);
        static constexpr bool both = Which == Gates::both_paths;

        // g and h are kept; backward holds their gradients in scratch.
        static constexpr Size value = rounded(image);
        static constexpr Extent gate_at{.saved = 2 * value};
        static constexpr Extent shortcut_at = gate_at + G::extent;
        static constexpr Extent extent = shortcut_at + S::extent;
        static constexpr Totals totals = G::totals + S::totals;
        // (Forward: g, h and F(x) give y. Backward: those and dy give three gradients; dx is added to.)
        static constexpr Traffic traffic =
            traffic_of<K, G>() + traffic_of<K, S>() + Traffic{4 * image, 7 * image + stored(At::in, K::lanes)};
        static constexpr bool reads_input = G::reads_input || S::reads_input;
        static constexpr bool wants_moments = G::wants_moments;
        static constexpr bool counts_moments = true;

        static constexpr Need two{0, 2 * value};
        template <Mode M>
        static constexpr Need own = M == Mode::inference ? two : Need{};
        template <Mode M, bool>
        static constexpr Need forward_scratch = own<M> +
                                                max(G::template forward_scratch<M, false>, S::template forward_scratch<M, false>);
        template <bool Accumulates>
        static constexpr Need backward_scratch = two + max(G::template backward_scratch<true>,
                                                           S::template backward_scratch<Accumulates>);

        static void prepare(const Frame<T>& f) {
            G::prepare(f.at(gate_at));
            S::prepare(f.at(shortcut_at));
        }

        // branch: F(x)
        template <Mode M, class Out>
        static void forward(const Frame<T>& f, Input<T> x, const T* branch, Out y) {
            T* g = M == Mode::inference ? f.scratch : f.saved;
            T* h = g + f.all(value);
            G::template forward<M>(f.at(gate_at, own<M>), x, Output<T>{g});
            S::template forward<M>(f.at(shortcut_at, own<M>), x, Output<T>{h});
            if constexpr (M == Mode::training) {
                if (f.watch) f.watch->gate(f, static_cast<const T*>(g), image, shape.size());
            }
            write_images<K>(f, y, shape, [&](Size, Range b, Size at) {
                K::template gate<both, Out::accumulates>(g + at, h + at, branch + at, shape, b, y.data + at);
            });
        }
        // dbranch: the gradient of F(x), written
        template <class X, class Out>
        static void backward(const Frame<T>& f, X x, const T* branch, Gradient<T> dy, T* dbranch, Out dx) {
            const T* g = f.saved;
            const T* h = f.saved + f.all(value);
            T* dg = f.scratch;
            T* dh = f.scratch + f.all(value);
            f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) {
                const Size at = static_cast<Size>(i) * image;
                K::template gate_gradient<both>(g + at, h + at, branch + at, dy.data + at, shape, b, dg + at, dh + at,
                                                dbranch + at);
            });
            S::backward(f.at(shortcut_at, two), read_if<S::reads_input>(x), read_if<S::reads_output>(Input<T>{h}),
                        Gradient<T>{dh}, dx);
            G::backward(f.at(gate_at, two), read_if<G::reads_input>(x), read_if<G::reads_output>(Input<T>{g}), Gradient<T>{dg},
                        Sum<T>{dx.data});
        }

        static constexpr void describe(Namer& namer) {
            namer.joint("gate");
            {
                const auto gate = namer.open("gate");
                G::describe(namer);
            }
            namer.joint(both ? "gated by g and 1 - g" : "gated by 1 - g");
            const auto shortcut = namer.open("shortcut", false);
            S::describe(namer);
        }
    };
};

namespace detail {

// The gate is one 1x1 convolution with a bias that starts from Initial (b_g): it takes the unit's stride and gives one value a
// channel and pixel.
template <Real Initial, Gates Which, class Resize>
struct Gating : ReadsAs<Resize> {
    template <class Order>
    using Under = Gating<Initial, Which, ResizeUnder<Resize, Order>>;

    template <Shape In, Shape Out, int By>
    using Join = GateJoin<Sequence<Conv<Out.channels, Kernel<1>, Stride<By>, BiasFrom<Initial>>, Sigmoid>,
                          typename Choose<Resize, In, Out, By>::type, Which>;
};

}  // namespace detail

// y = (1 - g) h(x) + g F(x). The paper's best b_g is -6, of 0 to -10.
template <Real Initial = Real(-6), class Resize = ZeroPadding>
using ExclusiveGating = detail::Gating<Initial, Gates::both_paths, Resize>;

// y = (1 - g) h(x) + F(x)
template <Real Initial = Real(-6), class Resize = ZeroPadding>
using ShortcutOnlyGating = detail::Gating<Initial, Gates::the_shortcut, Resize>;

// The form that Srivastava's critique asks for: exclusive gating by a gate as deep as F (two 3x3 convolutions with BN), whose
// last BN's bias starts from Initial. Meant for ReluBeforeAddition, which has no ReLU after the addition.
template <Real Initial = Real(-6), class Resize = ZeroPadding>
struct Highway : ReadsAs<Resize> {
    template <class Order>
    using Under = Highway<Initial, ResizeUnder<Resize, Order>>;

    template <Shape In, Shape Out, int By>
    using Join = GateJoin<Sequence<Conv<Out.channels, Stride<By>>, BatchNorm<>, Relu, Conv<Out.channels>,
                                   BatchNorm<Real(1e-5), Real(0.1), Affine::scale_and_shift, Initial>, Sigmoid>,
                          typename detail::Choose<Resize, In, Out, By>::type, Gates::both_paths>;
};

}  // namespace residua::inline RESIDUA_ISA
