// A learned factor.
#pragma once

#include <residua/core/arena.hpp>
#include <residua/kernels/elementwise/functions.hpp>
#include <residua/layers/layer.hpp>

namespace residua::inline RESIDUA_ISA {

// y = a x, with one learned number a that starts from Initial. At the ends of branches it lets units start as their shortcuts,
// and so a deep network train without batch normalisation: SkipInit (De and Smith 2020), ReZero (Bachlechner et al. 2020).
//   parameters: factor [1], which decays only where all parameters do
template <Real Initial = Real(0)>
struct LearnedScale : KeepsShape {
    static constexpr bool affine_in_inference = true;

    template <Signal In, class K>
    struct At : Bound<LearnedScale, In, K> {
        using T = typename K::Scalar;
        static constexpr Shape shape = In;
        static constexpr Size image = stored(shape, K::lanes);
        static constexpr int blocks = blocks_of(In.channels, K::lanes);
        static constexpr Size wide = static_cast<Size>(padded(In.channels, K::lanes));
        static constexpr Extent extent{.parameters = 1};
        static constexpr bool reads_input = true;
        static constexpr bool counts_moments = true;

        // (A sum a channel and image.)
        template <bool>
        static constexpr Need backward_scratch{0, rounded(wide * sizeof(double) / sizeof(T))};

        static ChannelMap channel_map(const Frame<T>& f, Size) { return {static_cast<double>(f.parameters[0])}; }

        template <Mode, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            write_images<K>(f, y, shape, [&](Size, Range b, Size at) {
                K::template map<Out::accumulates>(x.data + at, shape, b, y.data + at, by_factor(f));
            });
        }
        // da += sum x dy. (Of an image's blocks both gradients are made while they are in the cache.)
        template <class Out>
        static void backward(const Frame<T>& f, Input<T> x, Unread, Gradient<T> dy, Out dx) {
            const Size count = f.all(wide);
            double* sums = array_in<double>(f.scratch, count);
            f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) {
                const Size at = static_cast<Size>(i) * image;
                K::channel_products(x.data + at, dy.data + at, shape, b, sums + static_cast<Size>(i) * wide);
                K::template map<Out::accumulates>(dy.data + at, shape, b, dx.data + at, by_factor(f));
            });

            double sum = 0;
            for (Size i = 0; i < count; ++i) sum += sums[i];
            f.gradients[0] += T(sum);
        }
        static constexpr void describe(Namer& namer) {
            const auto leaf = namer.leaf("learned_scale", shape, shape, extent.parameters, 0);
            namer.tensor("factor", Role::parameter, {1}, 1, Initial.value);
        }

    private:
        static kernels::functions::Times by_factor(const Frame<T>& f) { return {static_cast<double>(f.parameters[0])}; }
    };
};

}  // namespace residua::inline RESIDUA_ISA
