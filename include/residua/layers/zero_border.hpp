// Zeros around an image, as a layer of its own.
#pragma once

#include <residua/layers/layer.hpp>

#include <algorithm>

namespace residua::inline RESIDUA_ISA {

// Rows and columns of zeros: Before in front of the first, After behind the last. In front of a MaxPool, whose own padding is
// never the maximum, they are values like others; a convolution says the same more cheaply by its option Padding.
//   Out = {In.channels, Before + H + After, Before + W + After}
// Error: fewer than none.
template <int Before, int After = Before>
struct ZeroBorder {
    static constexpr int stride = 1;

    static constexpr Outcome output(Shape in) {
        const SizeCheck sizes = SizeCheck{}.of(Quantity::padding, Before, 0).of(Quantity::padding, After, 0);
        if (sizes.failed()) return {in, sizes.wrong};
        return Shape{in.channels, Before + in.height + After, Before + in.width + After};
    }

    template <Signal In, class K>
    struct At : Bound<ZeroBorder, In, K> {
        using T = typename K::Scalar;
        static constexpr Shape from = In;
        static constexpr Shape to = At::out;
        static constexpr Size from_size = stored(from, K::lanes);
        static constexpr Size to_size = stored(to, K::lanes);
        static constexpr int blocks = blocks_of(In.channels, K::lanes);
        static constexpr bool counts_moments = true;

        template <Mode, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            write_images<K>(f, y, to, [&](Size i, Range b, Size at) {
                T* result = y.data + at;
                if constexpr (!Out::accumulates) {
                    std::fill(result + b.begin * plane(to), result + b.end * plane(to), T(0));
                }
                each_row(b, [&](Size inside, Size outside) {
                    put<Out::accumulates>(x.data + i * from_size + inside, result + outside);
                });
            });
        }
        template <class Out>
        static void backward(const Frame<T>& f, Unread, Unread, Gradient<T> dy, Out dx) {
            f.team->run_images(f.n, blocks, [&](int i, Range b, std::byte*) {
                const Size at = static_cast<Size>(i);
                each_row(b, [&](Size inside, Size outside) {
                    put<Out::accumulates>(dy.data + at * to_size + outside, dx.data + at * from_size + inside);
                });
            });
        }
        static constexpr void describe(Namer& namer) {
            namer.leaf("zero_border", from, to, {{"before", Before}, {"after", After}});
        }

    private:
        static constexpr Size row = static_cast<Size>(from.width) * static_cast<Size>(K::lanes);

        static constexpr std::ptrdiff_t plane(Shape s) { return static_cast<std::ptrdiff_t>(s.pixels()) * K::lanes; }

        // Where each row of those blocks begins, in an image without and with the border.
        template <class Visit>
        static void each_row(Range b, const Visit& visit) {
            for (int block = b.begin; block < b.end; ++block) {
                for (int y = 0; y < from.height; ++y) {
                    const Size inside = static_cast<Size>(block) * from.pixels() + static_cast<Size>(y * from.width);
                    const Size outside =
                        static_cast<Size>(block) * to.pixels() + static_cast<Size>((Before + y) * to.width + Before);
                    visit(inside * static_cast<Size>(K::lanes), outside * static_cast<Size>(K::lanes));
                }
            }
        }

        template <bool Accumulates>
        static void put(const T* values, T* result) {
            for (Size i = 0; i < row; ++i) result[i] = Accumulates ? result[i] + values[i] : values[i];
        }
    };
};

}  // namespace residua::inline RESIDUA_ISA
