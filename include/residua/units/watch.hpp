// Watching the units of a network while it trains: the norms of x_l and of dE/dx_l, and how far gates are open (He et al. 2016,
// equations 4 and 5 and section 3.1, say how signals and gradients travel; this measures it).
#pragma once

#include <residua/core/buffer.hpp>
#include <residua/core/frame.hpp>
#include <residua/simd/scalar.hpp>
#include <residua/units/rewrite.hpp>

#include <cmath>
#include <span>

namespace residua::inline RESIDUA_ISA {

// Policies of what is watched in a step.
struct WatchNothing {};  // costs nothing
struct WatchUnits {};    // norms at every unit, and its gate; costs a look at each x_l, dE/dx_l and g

// Of a batch, at the input of unit l or, after the last of L, at its output: Euclidean norms over all images. (The gate's is the
// sum of |g| over the number of values, for g is positive.)
struct UnitNorms {
    double signal = 0;    // ||x_l||
    double gradient = 0;  // ||dE/dx_l||, where E is the mean loss; 0 where nobody wants that gradient (a unit that comes first)
    double gate = 0;      // mean of g over images, channels and pixels; 0, as of an open shortcut, where there is no gate
};

// Where norms are kept: one for each unit's input and one for the last one's output.
class UnitWatch {
public:
    UnitWatch(Size units, int images) : norms_(units + 1), of_images_(static_cast<Size>(images)) {}

    std::span<const UnitNorms> norms() const { return norms_.span(); }

    // x_l, with which what is known of unit l begins anew.
    template <class T>
    void signal(const Frame<T>& f, Size at, const T* images, Size image) {
        norms_.data()[at] = {.signal = norm(f, images, image)};
    }
    template <class T>
    void gradient(const Frame<T>& f, Size at, const T* images, Size image) {
        norms_.data()[at].gradient = norm(f, images, image);
    }
    // g of the unit that f stands in, of so many values an image, beside lanes that hold zeros. (A gate behind the last unit is
    // none of a unit.)
    template <class T>
    void gate(const Frame<T>& f, const T* images, Size image, Size values) {
        if (f.unit == f.units) return;
        const double sum = total(f, images, image, [](double value, double before) { return before + value; });
        norms_.data()[f.unit].gate = sum / static_cast<double>(f.all(values));
    }

private:
    template <class T>
    double norm(const Frame<T>& f, const T* images, Size image) {
        return std::sqrt(total(f, images, image, [](double value, double before) { return simd::fma(value, value, before); }));
    }

    // In double, image by image and then in their order: the same bits on any number of threads. (Lanes beyond the last channel
    // are zero. Eight sums, because one would wait for its own last addition.)
    template <class T, class Added>
    double total(const Frame<T>& f, const T* images, Size image, Added added) {
        constexpr Size sums = 8;
        f.team->run(f.n, [&](int n, std::byte*) {
            const T* values = images + static_cast<Size>(n) * image;
            double parts[sums] = {};
            Size i = 0;
            for (; i + sums <= image; i += sums) {
                for (Size k = 0; k < sums; ++k) parts[k] = added(static_cast<double>(values[i + k]), parts[k]);
            }
            for (; i < image; ++i) parts[0] = added(static_cast<double>(values[i]), parts[0]);

            double sum = 0;
            for (const double part : parts) sum += part;
            of_images_.data()[n] = sum;
        });
        double sum = 0;
        for (int n = 0; n < f.n; ++n) sum += of_images_.data()[n];
        return sum;
    }

    Buffer<UnitNorms> norms_;
    Buffer<double> of_images_;  // each one's sum
};

namespace detail {

struct Nobody {
    Nobody(Size, int) {}
};
// Who looks, of a policy.
template <class Watch>
struct WatchOf {};
template <>
struct WatchOf<WatchNothing> {
    using type = Nobody;
};
template <>
struct WatchOf<WatchUnits> {
    using type = UnitWatch;
};
template <class P>
concept IsWatch = requires {
    typename WatchOf<P>::type;
};

// A unit, and a look at what goes in, and at the gradient that comes out there.
template <class U>
struct Watched : StandIn<U> {
    template <Signal In, class K>
    struct At : residua::At<U, In, K> {
        using T = typename K::Scalar;
        using Inner = residua::At<U, In, K>;
        static constexpr Size from = stored(In.shape(), K::lanes);
        static constexpr Size to = stored(Inner::out, K::lanes);

        template <Mode M, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            constexpr bool first_time = M == Mode::training;
            // (Before the unit runs, for y may be x.)
            if (first_time && f.watch) f.watch->signal(f, f.unit, x.data, from);
            Inner::template forward<M>(f, x, y);
            if constexpr (first_time && !Out::accumulates) {
                if (f.watch && is_last(f)) f.watch->signal(f, f.units, static_cast<const T*>(y.data), to);
            }
        }
        template <class X, class Y, class Out>
        static void backward(const Frame<T>& f, X x, Y y, Gradient<T> dy, Out dx) {
            if (f.watch && is_last(f)) f.watch->gradient(f, f.units, dy.data, to);
            Inner::backward(f, x, y, dy, dx);
            if constexpr (is_wanted<Out> && !Out::accumulates) {
                if (f.watch) f.watch->gradient(f, f.unit, static_cast<const T*>(dx.data), from);
            }
        }

    private:
        static bool is_last(const Frame<T>& f) { return f.unit + 1 == f.units; }
    };
};

template <IsUnit U>
struct RewrittenUnit<WatchUnits, U> {
    using type = Watched<U>;
};
template <class S>
struct Rewritten<S, WatchNothing> {
    using type = S;
};

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA
