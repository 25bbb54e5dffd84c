// Zeros around an image, as a layer of its own.
#pragma once

#include <residua/layers/channelwise.hpp>

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
    struct At : Channelwise<At<In, K>, ZeroBorder, In, K> {
        using T = typename K::Scalar;

        template <bool Accumulates>
        static void write(const T* x, Range b, T* y) {
            if constexpr (!Accumulates) std::fill(y + b.begin * plane(At::to), y + b.end * plane(At::to), T(0));
            each_row(b, [&](Size inside, Size outside) { put<Accumulates>(x + inside, y + outside); });
        }
        template <bool Accumulates>
        static void write_gradient(const T*, const T* dy, Range b, T* dx) {
            each_row(b, [&](Size inside, Size outside) { put<Accumulates>(dy + outside, dx + inside); });
        }
        static constexpr void describe(Namer& namer) {
            namer.leaf("zero_border", At::from, At::to, {{"before", Before}, {"after", After}});
        }

    private:
        static constexpr Size row = static_cast<Size>(In.width) * static_cast<Size>(K::lanes);

        static constexpr std::ptrdiff_t plane(Shape s) { return static_cast<std::ptrdiff_t>(s.pixels()) * K::lanes; }

        // Where each row of those blocks begins, in an image without and with the border.
        template <class Visit>
        static void each_row(Range b, const Visit& visit) {
            constexpr Shape from = At::from;
            constexpr Shape to = At::to;
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
