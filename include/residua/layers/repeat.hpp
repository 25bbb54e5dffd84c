// N units in a row, instantiated once whatever N is; and the stages that they form.
#pragma once

#include <residua/layers/sequence.hpp>

namespace residua::inline RESIDUA_ISA {

namespace detail {

template <int N>
inline constexpr bool is_count = N >= 1 && N <= largest_size;

// Units that open a scope of their own in names; whatever else is repeated is numbered by Repeat.
template <class U>
constexpr bool names_itself() {
    if constexpr (requires { U::names_itself; }) {
        return U::names_itself;
    } else {
        return false;
    }
}

}  // namespace detail

// The unit must keep its shape (if N > 1). The compiler sees one unit and a loop over offsets, so that ResNet-1001 costs it what
// ResNet-20 does.
template <int N, class U>
struct Repeat {
    using Definition = Repeat;

    template <Signal In>
    static constexpr ShapeInference infer() {
        if constexpr (!detail::is_count<N>) {
            return ShapeInference::failed(In, {Quantity::units, N});
        } else {
            constexpr ShapeInference unit = inferred<U, In>;
            if constexpr (!unit.ok()) {
                return unit.inside(Word::unit, 0);
            } else if constexpr (N > 1 && unit.out.shape() != In.shape()) {
                return ShapeInference::failed(Fault::repeat, In, unit.out).inside(Word::unit, 0);
            } else {
                ShapeInference result = unit;
                // (Only 1x1 images keep their shape under a stride.)
                for (int k = 1; k < N && unit.stride > 1 && result.stride < largest_size; ++k)
                    result.stride = passed(result.stride, unit.stride);
                result.layers = static_cast<Size>(N) * unit.layers;
                if (result.layers > most_layers) {
                    return ShapeInference::failed(In, {Quantity::layers, static_cast<double>(result.layers)});
                }
                return result;
            }
        }
    }

    // The first unit may stand where nothing was summed yet, the others never do: then the first is a type of its own.
    template <Signal In>
    static constexpr bool uniform = N == 1 || inferred<U, In>.out == In;

    template <Signal In, class K, bool Uniform>
    struct Body : Bound<Repeat, In, K> {
        using T = typename K::Scalar;
        using Unit = residua::At<U, In, K>;
        static constexpr Shape shape = In;
        static constexpr Size units = N;
        static constexpr Size value = rounded(stored(shape, K::lanes));
        static constexpr Size counted =
            Unit::wants_moments && Unit::counts_moments ? rounded(2 * static_cast<Size>(padded(In.channels, K::lanes))) : 0;

        // In training, what lies between two units is kept where the next one reads it.
        static constexpr bool keeps = N > 1 && (Unit::reads_input || Unit::reads_output);
        static constexpr Extent units_at{.saved = keeps ? (units - 1) * value : 0};
        static constexpr Extent extent = units_at + units * Unit::extent;
        static constexpr Totals totals = units * Unit::totals;
        static constexpr Traffic traffic = units * traffic_of<K, Unit>() + (units - 1) * traffic_between<K, Unit, Unit>();
        static constexpr Size length = units * Unit::length;
        static constexpr bool reads_input = Unit::reads_input;
        static constexpr bool reads_output = Unit::reads_output;
        static constexpr bool in_place = Unit::in_place;
        static constexpr bool wants_moments = Unit::wants_moments;
        static constexpr bool counts_moments = Unit::counts_moments;

        // Scratch of the forward pass: values between units that are not kept (two, in turn, or one beside y), and their moments.
        template <Mode M>
        static constexpr bool kept = M == Mode::inference ? false : keeps;
        template <Mode M, bool Accumulates>
        static constexpr Size between_values = N == 1 || kept<M> ? 0
                                               : Accumulates     ? (N == 2 ? 1 : 2)
                                               : Unit::in_place  ? 0
                                                                 : 1;
        template <Mode M>
        static constexpr Size between_moments = N == 1 || M == Mode::inference ? 0 : (N == 2 ? 1 : 2) * counted;
        // clang-format off
        template <Mode M, bool Accumulates>
        static constexpr Need forward_own{0, between_values<M, Accumulates> * value + between_moments<M>};
        // clang-format on

        template <Mode M, bool Accumulates>
        static constexpr Need forward_scratch = forward_own<M, Accumulates> +
                                                max(N == 1 ? Need{} : Unit::template forward_scratch<M, false>,
                                                    Unit::template forward_scratch<M, Accumulates>);

        static constexpr Need backward_own{0, N == 1 ? 0 : N == 2 || Unit::in_place ? value : 2 * value};
        template <bool Accumulates>
        static constexpr Need backward_scratch = backward_own + max(N == 1 ? Need{} : Unit::template backward_scratch<false>,
                                                                    Unit::template backward_scratch<Accumulates>);

        static void prepare(const Frame<T>& f) {
            for (Size i = 0; i < units; ++i) Unit::prepare(f.at(units_at + i * Unit::extent));
        }

        // What unit i leaves to unit i + 1.
        template <Mode M, class Out>
        static Output<T> between(const Frame<T>& f, Size i, Out y) {
            constexpr Size values = between_values<M, Out::accumulates>;
            T* data = nullptr;
            if constexpr (kept<M>) {
                data = f.saved + f.all(i * value);
            } else if constexpr (values == 0) {
                data = y.data;
            } else if constexpr (values == 2 || Out::accumulates) {
                data = f.scratch + f.all(i % values * value);
            } else {
                data = (units - 1 - i) % 2 == 0 ? y.data : f.scratch;  // in turn, so as to end in y
            }

            T* moments = nullptr;
            if constexpr (counted > 0 && M != Mode::inference) {
                moments = f.scratch + f.all(values * value + i % 2 * counted);
            }
            return {data, moments};
        }

        // One call of the unit in the loop: with a second one for the last unit g++ inlined by depth, and a network of depth
        // 1001 took half as long again to compile as one of depth 20.
        template <Mode M, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            constexpr Need own = forward_own<M, Out::accumulates>;
            const Size plain = Out::accumulates ? units - 1 : units;
            for (Size i = 0; i < plain; ++i) {
                const Output<T> next = i + 1 < units ? between<M>(f, i, y) : Output<T>{y.data, y.moments, nullptr, y.unread};
                Unit::template forward<M>(f.at(units_at + i * Unit::extent, own), x, next);
                x = {next.data, next.moments};
            }
            if constexpr (Out::accumulates) {  // a Repeat that ends a branch is rare, so it may cost a second instantiation
                Unit::template forward<M>(f.at(units_at + (units - 1) * Unit::extent, own), x, y);
            }
        }

        template <class X, class Y, class Out>
        static void backward(const Frame<T>& f, X x, Y y, Gradient<T> dy, Out dx) {
            constexpr bool reads_x = Unit::reads_input;
            constexpr bool reads_y = Unit::reads_output;
            const Input<T> first = as_input<T>(x);
            Input<T> to = as_input<T>(y);
            for (Size i = units; i-- > (Out::accumulates ? 1 : 0);) {
                const Input<T> from = i == 0 ? first : Input<T>{keeps ? f.saved + f.all((i - 1) * value) : nullptr};
                T* result = i == 0 ? dx.data : f.scratch + (Unit::in_place ? 0 : f.all(N == 2 ? 0 : i % 2 * value));
                Unit::backward(f.at(units_at + i * Unit::extent, backward_own), read_if<reads_x>(from), read_if<reads_y>(to), dy,
                               Output<T>{result});
                dy = {result};
                to = from;
            }
            if constexpr (Out::accumulates) {
                Unit::backward(f.at(units_at, backward_own), read_if<reads_x>(first), read_if<reads_y>(to), dy, dx);
            }
        }

        static constexpr void describe(Namer& namer) {
            for (Size i = 0; i < units; ++i) {
                if constexpr (detail::names_itself<U>()) {
                    Unit::describe(namer);
                } else {
                    const auto unit = namer.repeated();
                    Unit::describe(namer);
                }
            }
        }
    };

    template <Signal In, class K>
    struct Body<In, K, false> : residua::At<Flat<Repeat<1, U>, Repeat<N - 1, U>>, In, K> {};

    template <Signal In, class K>
    struct At : Body<In, K, uniform<In>> {};
};

namespace detail {

// Units named as a stage: layer1.0, layer1.1, ...
template <class Units>
struct StageOf {
    static constexpr Word word = Word::stage;
    using Definition = StageOf;

    template <Signal In>
    static constexpr ShapeInference infer() {
        return inferred<Units, In>;
    }

    template <Signal In, class K>
    struct At : residua::At<Units, In, K> {
        using Inner = residua::At<Units, In, K>;

        static constexpr void describe(Namer& namer) {
            const auto stage = namer.stage();
            Inner::describe(namer);
        }
    };
};

}  // namespace detail

// N units, of which the first may change the shape; the others keep it.
template <int N, class First, class Rest = First>
struct Stage {
    static constexpr Word word = Word::stage;
    using Definition = detail::StageOf<Flat<Repeat<1, First>, Repeat<N - 1, Rest>>>;

    template <Signal In>
    static constexpr ShapeInference infer() {
        if constexpr (!detail::is_count<N>) {
            return ShapeInference::failed(In, {Quantity::units, N});
        } else {
            constexpr ShapeInference first = inferred<First, In>;
            if constexpr (!first.ok()) {
                return first.inside(Word::unit, 0);
            } else {
                return with_rest<In>();
            }
        }
    }

    template <Signal In, class K>
    struct At : residua::At<Definition, In, K> {};

private:
    template <Signal In>
    static constexpr ShapeInference with_rest() {
        constexpr ShapeInference first = inferred<First, In>;
        constexpr Signal middle = first.out;
        constexpr ShapeInference rest = inferred<Rest, middle>;
        if constexpr (!rest.ok()) {
            return rest.inside(Word::unit, 1);
        } else if constexpr (rest.out.shape() != middle.shape()) {
            return ShapeInference::failed(Fault::repeat, middle, rest.out).inside(Word::unit, 1);
        } else {
            ShapeInference result = first;
            for (int k = 1; k < N && rest.stride > 1 && result.stride < largest_size; ++k)
                result.stride = passed(result.stride, rest.stride);
            result.layers = first.layers + static_cast<Size>(N - 1) * rest.layers;
            if (result.layers > most_layers) {
                return ShapeInference::failed(In, {Quantity::layers, static_cast<double>(result.layers)});
            }
            return result;
        }
    }
};

template <class First, class Rest>
struct Stage<1, First, Rest> {
    static constexpr Word word = Word::stage;
    using Definition = detail::StageOf<Flat<Repeat<1, First>>>;

    template <Signal In>
    static constexpr ShapeInference infer() {
        return inferred<Repeat<1, First>, In>;
    }

    template <Signal In, class K>
    struct At : residua::At<Definition, In, K> {};
};

}  // namespace residua::inline RESIDUA_ISA
