// Subsampling with zero channels: the parameter-free shortcut of He et al. 2015, option A.
#pragma once

#include <residua/layers/layer.hpp>

namespace residua::inline RESIDUA_ISA {

// Where new channels are put.
enum class Zeros { behind, half_in_front };

// Rows and columns 0, s, 2s, ... of the input (rounded up), and zeros in the new channels: all behind (option A), or the smaller
// half in front and the rest behind (A2).   Out = {Channels, (H - 1) / Stride + 1, (W - 1) / Stride + 1}
template <int Channels, int Stride, Zeros Where = Zeros::behind>
struct Subsample {
    static constexpr int stride = Stride;

    static constexpr Outcome output(Shape in) {
        constexpr Window window{1, Stride, 0};
        const SizeCheck sizes = SizeCheck{}.of(Quantity::channels, Channels).of(window);
        if (sizes.failed()) return {in, sizes.wrong};
        // Channels cannot be taken away: then the addition reports the two shapes.
        return Shape{std::max(Channels, in.channels), window.over(in.height), window.over(in.width)};
    }

    template <Signal In, class K>
    struct At : Bound<Subsample, In, K> {
        using T = typename K::Scalar;
        static constexpr Shape from = In;
        static constexpr Shape to = At::out;
        static constexpr Size from_size = stored(from, K::lanes);
        static constexpr Size to_size = stored(to, K::lanes);
        static constexpr bool counts_moments = true;
        static constexpr int front = Where == Zeros::behind ? 0 : (Channels - In.channels) / 2;

        template <Mode, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            f.team->run(f.n, [&](int i, std::byte*) {
                const Size at = static_cast<Size>(i);
                T* result = y.data + at * to_size;
                K::template subsample<Out::accumulates>(x.data + at * from_size, from, to, Stride, front, result);
                if (y.moments) {
                    constexpr Size wide = static_cast<Size>(padded(Channels, K::lanes));
                    K::moments(result, to, Range{0, blocks_of(Channels, K::lanes)}, y.moments + at * 2 * wide);
                }
            });
        }
        template <class Out>
        static void backward(const Frame<T>& f, Unread, Unread, Gradient<T> dy, Out dx) {
            f.team->run(f.n, [&](int i, std::byte*) {
                const Size at = static_cast<Size>(i);
                K::template subsample_gradient<Out::accumulates>(dy.data + at * to_size, from, to, Stride, front,
                                                                 dx.data + at * from_size);
            });
        }
        static constexpr void describe(Namer& namer) {
            namer.leaf("subsample", from, to, {{"stride", Stride}, {"channels in front", front}});
        }
    };
};

}  // namespace residua::inline RESIDUA_ISA
