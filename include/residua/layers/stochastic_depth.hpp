// Stochastic depth (Huang et al. 2016), with counted randomness.
#pragma once

#include <residua/core/random.hpp>
#include <residua/kernels/elementwise/functions.hpp>
#include <residua/layers/layer.hpp>

#include <algorithm>

namespace residua::inline RESIDUA_ISA {

// At the end of a branch: in training an image's F(x) survives, or is left out of the sum. Unit l of L, counted from 1, survives
// with probability 1 - l / L (1 - Survival), drawn for each image by itself; inference multiplies by that probability. (Huang et
// al. draw once a batch. What is left out is computed all the same, and BN in F sees it.)
//
// Outside of units it is as in the unit that comes next, or in the last; where there is none, Survival is the probability.
// Error: Survival is not in (0, 1].
template <Real Survival = Real(0.5)>
struct StochasticDepth {
    static constexpr bool affine_in_inference = true;

    static constexpr Outcome output(Shape in) {
        if (!(Survival.value > 0 && Survival.value <= 1)) return {in, Quantity::survival, Survival.value};
        return in;
    }

    template <Signal In, class K>
    struct At : Bound<StochasticDepth, In, K> {
        using T = typename K::Scalar;
        static constexpr Shape shape = In;
        static constexpr Size image = stored(shape, K::lanes);
        static constexpr Extent extent{.draws = 1};
        static constexpr bool in_place = true;
        static constexpr bool counts_moments = true;

        static ChannelMap channel_map(const Frame<T>& f, Size) { return {survival(f)}; }

        template <Mode M, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            if constexpr (M == Mode::inference) {
                const kernels::functions::Times by_survival{survival(f)};
                write_images<K>(f, y, shape, [&](Size, Range b, Size at) {
                    K::template map<Out::accumulates>(x.data + at, shape, b, y.data + at, by_survival);
                });
            } else {
                keep_survivors(f, x.data, y);
            }
        }
        template <class Out>
        static void backward(const Frame<T>& f, Unread, Unread, Gradient<T> dy, Out dx) {
            keep_survivors(f, dy.data, dx);
        }
        static constexpr void describe(Namer& namer) {
            namer.leaf("stochastic_depth", shape, shape, {{"survival", Survival.value}});
        }

    private:
        static double survival(const Frame<T>& f) {
            const Size units = std::max(f.units, Size{1});
            const Size number = std::min(f.unit + 1, units);
            return simd::fma(static_cast<double>(number) / static_cast<double>(units), Survival.value - 1, 1.0);
        }
        static bool survives(const Frame<T>& f, Size image_number) {
            const random::Key key{f.draws.seed, random::Purpose::stochastic_depth, static_cast<std::uint32_t>(f.draw),
                                  f.draws.step, f.draws.first_sample + image_number};
            return static_cast<double>(random::uniform4(key, 0)[0]) < survival(f);
        }

        // (Zeros are written, not made by a factor of zero: of what is infinite that is NaN.)
        template <class Out>
        static void keep_survivors(const Frame<T>& f, const T* from, Out to) {
            write_images<K>(f, to, shape, [&](Size i, Range b, Size at) {
                if (survives(f, i)) {
                    K::template map<Out::accumulates>(from + at, shape, b, to.data + at, kernels::functions::Copy{});
                } else if (!Out::accumulates) {
                    K::template map<false>(from + at, shape, b, to.data + at, kernels::functions::Zero{});
                }
            });
        }
    };
};

}  // namespace residua::inline RESIDUA_ISA
