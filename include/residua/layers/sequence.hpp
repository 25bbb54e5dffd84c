// Layers one after the other.
#pragma once

#include <residua/layers/chain.hpp>
#include <residua/layers/folded.hpp>

namespace residua::inline RESIDUA_ISA {

// Spelled Sequence<...>: layers that are no Sequences themselves.
template <class... L>
struct Flat {
    using Definition = Flat;  // what a struct derived from this stands for

    template <Signal In>
    static constexpr ShapeInference infer() {
        using Chain = detail::Chain<In, L...>;
        if constexpr (Chain::result.ok()) {
            return Chain::result;
        } else {
            constexpr PlaceStep step = detail::step_of<L...>(Chain::failed);
            return Chain::result.inside(step.word, step.number);
        }
    }

    template <Signal In, class K, class Fused>
    struct Body;

    template <Signal In, class K, class... F>
    struct Body<In, K, detail::Specs<F...>> : Bound<Flat, In, K> {
        using T = typename K::Scalar;
        using Layers = typename detail::Chain<In, F...>::template Bind<K, detail::BoundList<>>;
        using Chain = detail::ChainOf<K, Layers>;
        template <Size I>
        using Layer = typename detail::Element<I, Layers>::type;
        static constexpr Size count = sizeof...(F);

        static constexpr Extent extent = Chain::positions[count];
        static constexpr Totals totals = Chain::totals;
        static constexpr Traffic traffic = Chain::traffic;
        static constexpr Size length = count > 1 ? count : Layer<0>::length;
        static constexpr bool in_place = stored(Body::in, K::lanes) == stored(Body::out, K::lanes) && Chain::in_place;
        static constexpr bool reads_input = Layer<0>::reads_input;
        static constexpr bool reads_output = Layer<count - 1>::reads_output;
        static constexpr bool wants_moments = Layer<0>::wants_moments;
        static constexpr bool counts_moments = Layer<count - 1>::counts_moments;
        static constexpr bool takes_addend = Layer<count - 1>::takes_addend;
        static constexpr bool takes_relu = Layer<count - 1>::takes_relu;
        static constexpr bool discards = Layer<0>::discards;

        template <Mode M, bool Accumulates>
        static constexpr Need forward_scratch = Chain::template forward<M, Accumulates>.total;
        template <bool Accumulates>
        static constexpr Need backward_scratch = Chain::template backward<Accumulates>.total;

        static T* locate(Whereabouts where, const Frame<T>& f, const T* in, T* out) {
            switch (where.home) {
                case Home::input: return const_cast<T*>(in);
                case Home::output: return out;
                case Home::saved: return f.saved + f.all(where.offset);
                case Home::scratch: return f.scratch + f.all(where.offset);
                case Home::nowhere: break;
            }
            return nullptr;
        }

        template <Size I = 0>
        static void prepare(const Frame<T>& f) {
            if constexpr (I < count) {
                Layer<I>::prepare(f.at(Chain::positions[I]));
                prepare<I + 1>(f);
            }
        }

        template <Mode M, Size I = 0, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            constexpr const auto& plan = Chain::template forward<M, Out::accumulates>;
            const Frame<T> layer = f.at(Chain::positions[I], plan.scratch[I]);
            if constexpr (I + 1 == count) {
                Layer<I>::template forward<M>(layer, x, y);
            } else {
                Output<T> next{locate(plan.value[I + 1], f, nullptr, y.data), nullptr};
                if constexpr (Layer<I + 1>::wants_moments && Layer<I>::counts_moments && M != Mode::inference) {
                    next.moments = f.scratch + f.all(plan.moments[I + 1]);
                }
                Layer<I>::template forward<M>(layer, x, next);
                forward<M, I + 1>(f, Input<T>{next.data, next.moments}, y);
            }
        }

        // Is the last step of value I's gradient left to layer I - 1?
        template <Size I>
        static constexpr bool leaves_last_to_reader = Layer<I>::leaves_last&& Layer<I - 1>::takes_pending;

        template <Size I = count - 1, class X, class Y, class Dy, class Out>
        static void backward(const Frame<T>& f, X x, Y y, Dy dy, Out dx) {
            using Part = Layer<I>;
            constexpr const auto& plan = Chain::template backward<Out::accumulates>;
            const Frame<T> layer = f.at(Chain::positions[I], plan.scratch[I]);
            if constexpr (I == 0) {
                Part::backward(layer, read_if<Part::reads_input>(x), read_if<Part::reads_output>(y), dy, dx);
            } else {
                const Input<T> from{kept<I>(f)};
                T* result = nullptr;
                if constexpr (plan.value[I].home == Home::output) {
                    result = dx.data;
                } else {
                    result = f.scratch + f.all(plan.value[I].offset);
                }
                if constexpr (leaves_last_to_reader<I>) {
                    const auto pending = Part::backward_but_last(layer, read_if<Part::reads_input>(from),
                                                                 read_if<Part::reads_output>(y), dy, Output<T>{result});
                    backward<I - 1>(f, x, from, pending, dx);
                } else {
                    Part::backward(layer, read_if<Part::reads_input>(from), read_if<Part::reads_output>(y), dy,
                                   Output<T>{result});
                    backward<I - 1>(f, x, from, Gradient<T>{result}, dx);
                }
            }
        }

        static constexpr void describe(Namer& namer) { Chain::describe(namer); }

    private:
        // Value I, if the forward pass kept it.
        template <Size I>
        static const T* kept(const Frame<T>& f) {
            constexpr Whereabouts where = Chain::template forward<Mode::training, true>.value[I];
            return where.home == Home::saved ? f.saved + f.all(where.offset) : nullptr;
        }
    };

    template <Signal In, class K>
    struct At : Body<In, K, detail::Neighbours<K, L...>> {};
};

// Nothing: the identity.
template <>
struct Flat<> : KeepsShape {
    using Definition = Flat;

    template <Signal In, class K>
    struct At : Bound<Flat, In, K> {
        using T = typename K::Scalar;
        static constexpr Shape shape = In;
        static constexpr Size image = stored(shape, K::lanes);
        static constexpr int blocks = blocks_of(In.channels, K::lanes);
        static constexpr bool in_place = true;
        static constexpr bool counts_moments = true;
        static constexpr Size length = 0;

        template <Mode, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            if (y.unread) return;
            copy<Out::accumulates>(f, x.data, y.data);
            count_moments<K>(f, y, shape);
        }
        template <class Out>
        static void backward(const Frame<T>& f, Unread, Unread, Gradient<T> dy, Out dx) {
            copy<Out::accumulates>(f, dy.data, dx.data);
        }

    private:
        template <bool Accumulates>
        static void copy(const Frame<T>& f, const T* from, T* to) {
            if (from == to && !Accumulates) return;
            f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) {
                const Size at = static_cast<Size>(i) * image;
                K::template map<Accumulates>(from + at, shape, b, to + at, kernels::functions::Copy{});
            });
        }
    };
};

namespace detail {

template <class Done, class... Todo>
struct Flatten;
template <class... D>
struct Flatten<Flat<D...>> {
    using type = Flat<D...>;
};
template <class... D, class L, class... R>
struct Flatten<Flat<D...>, L, R...> : Flatten<Flat<D..., L>, R...> {};
template <class... D, class... L, class... R>
struct Flatten<Flat<D...>, Flat<L...>, R...> : Flatten<Flat<D..., L...>, R...> {};

}  // namespace detail

// Layers one after the other. Sequence<A, Sequence<B, C>> is Sequence<A, B, C>; a named block (struct Stem : Sequence<...> {})
// stays a block of its own, and Sequence<> is the identity.
template <class... L>
using Sequence = typename detail::Flatten<Flat<>, L...>::type;

using Identity = Sequence<>;
using None = Sequence<>;

}  // namespace residua::inline RESIDUA_ISA
