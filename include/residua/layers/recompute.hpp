// Recomputation: keep less from forward to backward, and run parts forward again (Chen et al. 2016, "Training Deep Nets with
// Sublinear Memory Cost").
#pragma once

#include <residua/layers/repeat.hpp>

#include <concepts>

namespace residua::inline RESIDUA_ISA {

// Keeps nothing of Body but its input; backward first runs it forward again. Same gradients, bit for bit: moments are a function
// of each image's values, and random numbers are counted.
template <class Body>
struct Recompute {
    using Definition = Recompute;
    static constexpr bool names_itself = detail::names_itself<Body>();

    template <Signal In>
    static constexpr ShapeInference infer() {
        return inferred<Body, In>;
    }

    template <Signal In, class K>
    struct At : Bound<Recompute, In, K> {
        using T = typename K::Scalar;
        using B = residua::At<Body, In, K>;
        static constexpr Shape to = B::out;
        static constexpr Extent extent = [] {
            Extent result = B::extent;
            result.fixed = 0;
            result.saved = 0;
            return result;
        }();
        static constexpr Totals totals = B::totals;
        static constexpr Traffic traffic = traffic_of<K, B>() + Traffic{0, traffic_of<K, B>().forward};
        static constexpr bool reads_input = true;
        static constexpr bool wants_moments = B::wants_moments;
        static constexpr bool counts_moments = B::counts_moments;
        static constexpr bool takes_addend = B::takes_addend;

        // Scratch: what Body would have kept, then (backward) its output, then its scratch.
        static constexpr Size output = rounded(stored(to, K::lanes));
        static constexpr Need lent{B::extent.fixed, B::extent.saved};
        static constexpr Need lent_and_output{B::extent.fixed, B::extent.saved + output};

        template <Mode M, bool Accumulates>
        static constexpr Need forward_scratch =
            (M == Mode::inference ? Need{} : lent) + B::template forward_scratch<M, Accumulates>;
        template <bool Accumulates>
        static constexpr Need backward_scratch = lent_and_output + max(B::template forward_scratch<Mode::recompute, false>,
                                                                       B::template backward_scratch<Accumulates>);

        static void prepare(const Frame<T>& f) { B::prepare(f); }

        template <Mode M, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            if constexpr (M == Mode::inference) {
                B::template forward<M>(f, x, y);
            } else {
                B::template forward<M>(lend(f, lent), x, y);
            }
        }
        template <class Out>
        static void backward(const Frame<T>& f, Input<T> x, Unread, Gradient<T> dy, Out dx) {
            const Frame<T> inner = lend(f, lent_and_output);
            T* y = f.scratch + f.all(B::extent.saved);
            B::template forward<Mode::recompute>(inner, x, Output<T>{.data = y, .unread = !B::reads_output});
            B::backward(inner, read_if<B::reads_input>(x), read_if<B::reads_output>(Input<T>{y}), dy, dx);
        }

        static constexpr void describe(Namer& namer) { B::describe(namer); }

    private:
        static Frame<T> lend(const Frame<T>& f, Need own) {
            Frame<T> inner = f.at({}, own);
            inner.fixed = f.scratch_fixed;
            inner.saved = f.scratch;
            return inner;
        }
    };
};

// Policies of recomputation.
struct KeepAll {};  // nothing is computed twice
template <int Units>
struct RecomputeEvery {};  // of each run of so many units in a Repeat or Stage, only the input is kept

namespace detail {

// A run of units that is recomputed as one, and does not show in names.
template <int N, class U>
struct Segment : Recompute<Repeat<N, U>> {
    static constexpr bool names_itself = true;
};

// A policy rewrites the spec; parameters and names do not change. A named block is rewritten through its Definition.
template <class S, class Recomputation>
struct Recomputed {
    using type = S;
};
template <class S, class Recomputation>
    // clang-format off
    requires requires { typename S::Definition; } && (!std::same_as<S, typename S::Definition>)
struct Recomputed<S, Recomputation> : Recomputed<typename S::Definition, Recomputation> {};
    // clang-format on

    template <class... L, class Recomputation>
    struct Recomputed<Flat<L...>, Recomputation> {
        using type = Flat<typename Recomputed<L, Recomputation>::type...>;
    };
    template <class Units, class Recomputation>
    struct Recomputed<StageOf<Units>, Recomputation> {
        using type = StageOf<typename Recomputed<Units, Recomputation>::type>;
    };
    template <int N, class U, int E>
        requires(E > 0)
    struct Recomputed<Repeat<N, U>, RecomputeEvery<E>> {
        using Rest = Repeat<N % E, Recompute<U>>;
        using Whole = std::conditional_t<E == 1, Repeat<N, Recompute<U>>, Repeat<N / E, Segment<E, U>>>;
        using type = std::conditional_t<N % E == 0, Whole, std::conditional_t<N / E == 0, Rest, Flat<Whole, Rest>>>;
    };

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA
