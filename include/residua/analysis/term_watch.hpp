// A network whose residual units can be told which terms of the gradient to pass on.
#pragma once

#include <residua/core/buffer.hpp>
#include <residua/units/unit.hpp>
#include <residua/units/watch.hpp>

#include <concepts>
#include <vector>

namespace residua::inline RESIDUA_ISA::detail {

// What a unit's addition passes on of the gradients that reach it, D of the direct term, R of the branches', G of both:
//   whole      G h' + G F'
//   direct     D h'
//   branches   R h' + G F', R being zero behind the last unit
enum class Term { whole, direct, branches };

// Tells them which, and keeps each G from the pass of the whole for that of the branches.
template <class T>
class TermWatch : public UnitWatch {
public:
    TermWatch(Size units, int images) : UnitWatch(units, images), kept_(units) {}

    Term term = Term::whole;

    void keep(const Frame<T>& f, const T* gradient, Size image) {
        T* kept = room(kept_[f.unit], f.all(image));
        write_values(f, image, Output<T>{kept}, [&](Size i) { return gradient[i]; });
    }
    Gradient<T> kept(const Frame<T>& f) const { return {kept_[f.unit].data()}; }

    // Where a result goes that nobody reads.
    Output<T> aside(const Frame<T>& f, Size image) { return {room(aside_, f.all(image))}; }

private:
    static T* room(Buffer<T>& buffer, Size size) {
        if (buffer.size() < size) buffer = Buffer<T>(size);
        return buffer.data();
    }

    std::vector<Buffer<T>> kept_;  // of each unit's addition
    Buffer<T> aside_;
};

// The addition of a unit that is watched by a TermWatch.
template <class Branch, class Shortcut>
struct TermResidual : Residual<Branch, Shortcut> {
    using Definition = TermResidual;
    using Whole = Residual<Branch, Shortcut>;

    template <Signal In, class K>
    struct At : residua::At<Whole, In, K> {
        using Paths = residua::At<Whole, In, K>;
        using T = typename K::Scalar;
        static constexpr Size from = stored(In.shape(), K::lanes);
        static constexpr Size to = stored(Paths::out, K::lanes);

        // (A unit's dx is never added to: those inside another layer are not rewritten.)
        template <class X>
        static void backward(const Frame<T>& f, X x, Unread, Gradient<T> dy, Output<T> dx) {
            TermWatch<T>& watch = *static_cast<TermWatch<T>*>(f.watch);
            switch (watch.term) {
                case Term::whole:
                    watch.keep(f, dy.data, to);
                    Paths::backward(f, x, Unread{}, dy, dx);
                    break;
                case Term::direct: Paths::shortcut_backward(f, x, dy, dx); break;
                case Term::branches: through_branches(watch, f, x, dy, dx); break;
            }
        }

    private:
        // (dx may lie where dy does, so that G is read from where it was kept. That of a join's F(x) comes with a gradient of x,
        // which belongs to the other term.)
        template <class X>
        static void through_branches(TermWatch<T>& watch, const Frame<T>& f, X x, Gradient<T> dy, Output<T> dx) {
            const bool is_last = f.unit + 1 == f.units;
            if (is_last) {
                write_values(f, from, dx, [](Size) { return T(0); });
            } else {
                Paths::shortcut_backward(f, x, dy, dx);
            }
            const Gradient<T> of_branch = Paths::shortcut_backward(f, x, watch.kept(f), watch.aside(f, from));
            Paths::branch_backward(f, x, of_branch, Sum<T>{dx.data});
        }
    };
};

// A unit whose addition is known. (One of the user's that is no Unit may make its sum in any way.)
template <class U>
concept HasAddition = IsUnit<U> && requires {
    typename U::Addition;
    typename U::RawAddition;
};

template <class U, class L>
struct TermLayer {
    using type = L;
};
template <class U, class F, class H>
    requires std::same_as < Residual<F, H>,
typename U::Addition > || std::same_as<Residual<F, H>, typename U::RawAddition> struct TermLayer<U, Residual<F, H>> {
    using type = TermResidual<F, H>;
};
template <class U, class Form>
struct TermForm;
template <class U, class... L>
struct TermForm<U, Flat<L...>> {
    using type = Flat<typename TermLayer<U, L>::type...>;
};

template <HasAddition U>
struct TermUnit : StandIn<U> {
    template <Signal In>
    using Form = typename TermForm<U, typename U::template Form<In>>::type;

    template <Signal In, class K>
    struct At : residua::At<Form<In>, U::template inner<In>, K> {
        using Inner = residua::At<Form<In>, U::template inner<In>, K>;
        static constexpr Extent extent = residua::At<U, In, K>::extent;

        static constexpr void describe(Namer& namer) { residua::At<U, In, K>::describe(namer); }
    };
};

// The policy of a pass that is watched so.
template <class T>
struct WatchTerms {};
template <class T>
struct WatchOf<WatchTerms<T>> {
    using type = TermWatch<T>;
};
template <class T, HasAddition U>
struct RewrittenUnit<WatchTerms<T>, U> {
    using type = Watched<TermUnit<U>>;
};

}  // namespace residua::inline RESIDUA_ISA::detail
