// Dropout (Srivastava et al. 2014), with counted randomness.
#pragma once

#include <residua/core/random.hpp>
#include <residua/kernels/elementwise/functions.hpp>
#include <residua/layers/layer.hpp>

namespace residua::inline RESIDUA_ISA {

enum class DropoutScaling {
    plain,    // no factor in training, times 1 - P in inference: as the paper reasons about dropout on shortcuts (section 3.1)
    inverted  // times 1 / (1 - P) in training, none in inference: PyTorch's way
};

// Drops each value with probability P. The mask is a function of (seed, layer, step, sample, position), so it is never stored:
// backward, and a recomputed forward pass, count the same one.
template <Real P = Real(0.5), DropoutScaling Scaling = DropoutScaling::inverted>
struct Dropout {
    static constexpr bool affine_in_inference = true;

    // Error: P is not a probability below one.
    static constexpr Outcome output(Shape in) {
        if (!(P.value >= 0 && P.value < 1)) return {in, Quantity::probability, P.value};
        return in;
    }

    template <Signal In, class K>
    struct At : Bound<Dropout, In, K> {
        using T = typename K::Scalar;
        static constexpr Shape shape = In;
        static constexpr Size image = stored(shape, K::lanes);
        static constexpr int blocks = blocks_of(In.channels, K::lanes);
        static constexpr Extent extent{.draws = 1};
        static constexpr bool in_place = true;
        static constexpr bool counts_moments = true;
        static constexpr T factor = Scaling == DropoutScaling::inverted ? T(1 / (1 - P.value)) : T(1);
        static constexpr double inference_factor = Scaling == DropoutScaling::inverted ? 1 : 1 - P.value;

        template <class Out>
        static void masked(const Frame<T>& f, const T* from, Out to) {
            write_images<K>(f, to, shape, [&](Size i, Range b, Size at) {
                const random::Key key{f.draws.seed, random::Purpose::dropout, static_cast<std::uint32_t>(f.draw), f.draws.step,
                                      f.draws.first_sample + i};
                K::template dropout<Out::accumulates>(from + at, shape, b, key, P.value, factor, to.data + at);
            });
        }

        static ChannelMap channel_map(const Frame<T>&, Size) { return {inference_factor}; }

        template <Mode M, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            if constexpr (M == Mode::inference) {
                f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) {
                    const Size at = static_cast<Size>(i) * image;
                    K::template map<Out::accumulates>(x.data + at, shape, b, y.data + at,
                                                      kernels::functions::Scale<Real(inference_factor)>{});
                });
            } else {
                masked(f, x.data, y);
            }
        }
        template <class Out>
        static void backward(const Frame<T>& f, Unread, Unread, Gradient<T> dy, Out dx) {
            masked(f, dy.data, dx);
        }
        static constexpr void describe(Namer& namer) {
            namer.leaf("dropout", shape, shape,
                       {{"probability", P.value}, {"inverted", Scaling == DropoutScaling::inverted ? 1 : 0}});
        }
    };
};

}  // namespace residua::inline RESIDUA_ISA
