// y = h(x) + F(x): the residual addition (He et al. 2016, equation 1).
#pragma once

#include <residua/layers/sequence.hpp>

namespace residua::inline RESIDUA_ISA {

namespace detail {

// A shortcut is a layer, or chooses one once the shapes are known: Mapping<In, Out, By>, By being the unit's stride.
template <class S, Shape In, Shape Out, int Stride>
struct Choose {
    using type = S;
};
template <class S, Shape In, Shape Out, int Stride>
    requires requires { typename S::template Mapping<In, Out, Stride>; }
struct Choose<S, In, Out, Stride> {
    using type = typename S::template Mapping<In, Out, Stride>;
};

// Or it sees F(x) too and makes y itself: Join<In, Out, By>, a layer whose functions take F(x) beside x.
template <class S, Shape In, Shape Out, int Stride>
concept Joins = requires {
    typename S::template Join<In, Out, Stride>;
};

template <class S, Shape In, Shape Out, int Stride>
    requires Joins<S, In, Out, Stride>
struct Choose<S, In, Out, Stride> {
    using type = typename S::template Join<In, Out, Stride>;
};

}  // namespace detail

template <class Branch, class Shortcut>
struct RectifiedResidual;  // layers/rectified_residual.hpp

// Branch is F, any layer; Shortcut is h: a layer, or a struct with Mapping or Join. Both must give the same shape.
template <class Branch, class Shortcut = Identity>
struct Residual {
    using Definition = Residual;
    using Rectified = RectifiedResidual<Branch, Shortcut>;  // with the ReLU behind it, for inference

    template <Signal In>
    struct Chosen {
        static constexpr ShapeInference branch = inferred<Branch, In>;
        static constexpr Shape in = In;
        static constexpr Shape out = branch.out;
        static constexpr int stride = branch.stride;
        using type = typename detail::Choose<Shortcut, in, out, stride>::type;
        static constexpr bool joins = detail::Joins<Shortcut, in, out, stride>;
    };

    template <Signal In>
    static constexpr ShapeInference infer() {
        constexpr ShapeInference branch = inferred<Branch, In>;
        if constexpr (!branch.ok()) {
            return branch.inside(Word::branch);
        } else {
            constexpr ShapeInference shortcut = inferred<typename Chosen<In>::type, In>;
            if constexpr (!shortcut.ok()) {
                return shortcut.inside(Word::shortcut);
            } else if constexpr (Leaf<typename Chosen<In>::type> && shortcut.sees_branch != Chosen<In>::joins) {
                return ShapeInference::lacks<typename Chosen<In>::type>(Chosen<In>::joins ? Missing::two_paths
                                                                                          : Missing::one_path)
                    .inside(Word::shortcut);
            } else if constexpr (branch.out.shape() != shortcut.out.shape()) {
                return ShapeInference::failed(Fault::addition, branch.out, shortcut.out);
            } else {
                ShapeInference result = branch;
                result.out.summed = true;
                result.layers += shortcut.layers;
                return result;
            }
        }
    }

    // What the sum and the join have in common: two paths, whose extents lie behind what the unit itself keeps.
    template <Signal In, class K, Size Kept>
    struct TwoPaths : Bound<Residual, In, K> {
        using T = typename K::Scalar;
        using F = residua::At<Branch, In, K>;
        using H = residua::At<typename Chosen<In>::type, In, K>;
        static constexpr Extent branch_at{.saved = Kept};
        static constexpr Extent shortcut_at = branch_at + F::extent;
        static constexpr Extent extent = shortcut_at + H::extent;
        static constexpr Totals totals = F::totals + H::totals;
        static constexpr bool wants_moments = F::wants_moments || H::wants_moments;

        static void prepare(const Frame<T>& f) {
            F::prepare(f.at(branch_at));
            H::prepare(f.at(shortcut_at));
        }
    };

    // A path whose backward pass reads its own output needs that apart from the sum.
    template <Signal In, class K>
    static constexpr Size kept_by_the_sum = [] {
        using F = residua::At<Branch, In, K>;
        using H = residua::At<typename Chosen<In>::type, In, K>;
        const Size value = rounded(stored(F::out, K::lanes));
        return (F::reads_output ? value : 0) + (H::reads_output ? value : 0);
    }();

    // The sum: h(x) is written to y, then F(x) is added where it arises.
    template <Signal In, class K>
    struct Added : TwoPaths<In, K, kept_by_the_sum<In, K>> {
        using Paths = TwoPaths<In, K, kept_by_the_sum<In, K>>;
        using T = typename K::Scalar;
        using F = typename Paths::F;
        using H = typename Paths::H;
        using Paths::branch_at;
        using Paths::shortcut_at;
        static constexpr Shape shape = F::out;
        static constexpr Size value = stored(shape, K::lanes);

        static constexpr bool keeps_branch = F::reads_output;
        static constexpr bool keeps_shortcut = H::reads_output;
        static constexpr Size kept_shortcut = keeps_branch ? rounded(value) : 0;

        static constexpr bool reads_input = F::reads_input || H::reads_input;
        static constexpr bool counts_moments = keeps_branch || F::counts_moments;  // whoever writes last counts those of the sum
        static constexpr bool in_place = H::length == 0 && F::length > 1 && !keeps_branch;  // x += F(x)
        static constexpr bool takes_relu = F::takes_relu;

        template <Mode M>
        static constexpr bool keeps_f = M == Mode::inference ? false : keeps_branch;
        template <Mode M>
        static constexpr bool keeps_h = M == Mode::inference ? false : keeps_shortcut;

        template <Mode M, bool Accumulates>
        static constexpr Need forward_scratch = max(F::template forward_scratch<M, !keeps_f<M>>,
                                                    H::template forward_scratch<M, Accumulates && !keeps_h<M>>);
        template <bool Accumulates>
        static constexpr Need backward_scratch = max(F::template backward_scratch<true>,
                                                     H::template backward_scratch<Accumulates>);

        // Where F(x) goes.
        template <class Out>
        using End = Output<T, true, Out::rectifies>;

        // x itself is what F(x) is added to.
        template <Mode M, class Out>
        static constexpr bool adds_to_x = H::length == 0 && F::takes_addend && !Out::accumulates && !keeps_h<M> && !keeps_f<M>;

        // (A shortcut of no layers copies nothing where x is what F(x) is added to, and dx lies where dy does.)
        static constexpr Traffic traffic = [] {
            constexpr Traffic h = traffic_of<K, H>();
            Traffic result = traffic_of<K, F>();
            result.forward += (adds_to_x<Mode::training, Output<T>> ? 0 : h.forward) + value;
            result.forward += (keeps_branch ? 2 * value : 0) + (keeps_shortcut ? 2 * value : 0);
            result.backward += (in_place ? 0 : h.backward) + stored(Added::in, K::lanes);
            return result;
        }();

        template <Mode M, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            if constexpr (adds_to_x<M, Out>) {
                F::template forward<M>(f.at(branch_at), x, End<Out>{y.data, y.moments, x.data, y.unread});
                return;
            }
            if constexpr (keeps_h<M>) {
                T* kept = f.saved + f.all(kept_shortcut);
                H::template forward<M>(f.at(shortcut_at), x, Output<T>{kept});
                add(f, kept, Output<T, Out::accumulates>{y.data, nullptr});
            } else {
                H::template forward<M>(f.at(shortcut_at), x, Output<T, Out::accumulates>{y.data, nullptr, nullptr, y.unread});
            }

            if constexpr (keeps_f<M>) {
                F::template forward<M>(f.at(branch_at), x, Output<T>{f.saved});
                add(f, f.saved, Sum<T>{y.data, y.moments});
            } else {
                F::template forward<M>(f.at(branch_at), x, End<Out>{y.data, y.moments, nullptr, y.unread});
            }
        }

        // The two terms of backward: dx = h' dy, and which gradient F(x) has; dx += F' of it.
        template <class X, class Out>
        static Gradient<T> shortcut_backward(const Frame<T>& f, X x, Gradient<T> dy, Out dx) {
            const Input<T> kept{keeps_shortcut ? f.saved + f.all(kept_shortcut) : nullptr};
            H::backward(f.at(shortcut_at), read_if<H::reads_input>(x), read_if<H::reads_output>(kept), dy, dx);
            return dy;
        }
        template <class X>
        static void branch_backward(const Frame<T>& f, X x, Gradient<T> of_branch, Sum<T> dx) {
            const Input<T> kept{keeps_branch ? f.saved : nullptr};
            F::backward(f.at(branch_at), read_if<F::reads_input>(x), read_if<F::reads_output>(kept), of_branch, dx);
        }

        static constexpr void describe(Namer& namer) {
            namer.joint("branch");
            F::describe(namer);
            namer.joint("shortcut");
            {
                const auto shortcut = namer.open("shortcut", false);
                H::describe(namer);
            }
            namer.joint("addition");
        }

    private:
        template <class Out>
        static void add(const Frame<T>& f, const T* from, Out to) {
            write_images<K>(f, to, shape, [&](Size, Range b, Size at) {
                K::template map<Out::accumulates>(from + at, shape, b, to.data + at, kernels::functions::Copy{});
            });
        }
    };

    // The join: F(x) is kept, and the shortcut makes y of it and x.
    template <Signal In, class K>
    static constexpr Size kept_by_the_join = rounded(stored(residua::At<Branch, In, K>::out, K::lanes));

    template <Signal In, class K>
    struct Joined : TwoPaths<In, K, kept_by_the_join<In, K>> {
        using Paths = TwoPaths<In, K, kept_by_the_join<In, K>>;
        using T = typename K::Scalar;
        using F = typename Paths::F;
        using J = typename Paths::H;
        using Paths::branch_at;
        static constexpr Extent join_at = Paths::shortcut_at;
        static constexpr Size value = kept_by_the_join<In, K>;
        static constexpr bool reads_input = F::reads_input || J::reads_input;
        static constexpr bool counts_moments = J::counts_moments;

        static constexpr Traffic traffic = traffic_of<K, F>() + traffic_of<K, J>() + Traffic{0, stored(Joined::in, K::lanes)};

        // Scratch: F(x) where it is not kept, or dF; then theirs.
        static constexpr Need join_scratch{0, value};
        template <Mode M>
        static constexpr Need own = M == Mode::inference ? join_scratch : Need{};

        template <Mode M, bool Accumulates>
        static constexpr Need forward_scratch = own<M> + max(F::template forward_scratch<M, false>,
                                                             J::template forward_scratch<M, Accumulates>);
        template <bool Accumulates>
        static constexpr Need backward_scratch = join_scratch + max(F::template backward_scratch<true>,
                                                                    J::template backward_scratch<Accumulates>);

        template <Mode M, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            T* branch = M == Mode::inference ? f.scratch : f.saved;
            F::template forward<M>(f.at(branch_at, own<M>), x, Output<T>{branch});
            J::template forward<M>(f.at(join_at, own<M>), x, static_cast<const T*>(branch), y);
        }

        // The two terms of backward, as of a sum; here F(x)'s gradient is the join's to say.
        template <class X, class Out>
        static Gradient<T> shortcut_backward(const Frame<T>& f, X x, Gradient<T> dy, Out dx) {
            const T* branch = f.saved;
            J::backward(f.at(join_at, join_scratch), read_if<J::reads_input>(x), branch, dy, f.scratch, dx);
            return {f.scratch};
        }
        template <class X>
        static void branch_backward(const Frame<T>& f, X x, Gradient<T> of_branch, Sum<T> dx) {
            F::backward(f.at(branch_at, join_scratch), read_if<F::reads_input>(x), read_if<F::reads_output>(Input<T>{f.saved}),
                        of_branch, dx);
        }

        static constexpr void describe(Namer& namer) {
            namer.joint("branch");
            F::describe(namer);
            namer.joint("shortcut");
            J::describe(namer);
            namer.joint("join");
        }
    };

    template <Signal In, class K, bool JoinsThem>
    struct Body : Added<In, K> {};
    template <Signal In, class K>
    struct Body<In, K, true> : Joined<In, K> {};

    template <Signal In, class K>
    struct At : Body<In, K, Chosen<In>::joins> {
        using Paths = Body<In, K, Chosen<In>::joins>;
        using T = typename K::Scalar;

        // dx = h' dy + F' dy: equation (5), one addition a unit.
        template <class X, class Out>
        static void backward(const Frame<T>& f, X x, Unread, Gradient<T> dy, Out dx) {
            const Gradient<T> of_branch = Paths::shortcut_backward(f, x, dy, dx);
            Paths::branch_backward(f, x, of_branch, Sum<T>{dx.data});
        }
    };
};

}  // namespace residua::inline RESIDUA_ISA
