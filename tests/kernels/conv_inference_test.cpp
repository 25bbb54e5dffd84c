// What inference alone has of convolutions: a ReLU at their ending, and windows in the place of transformed weights. Both have the
// bits of what they stand for.
#include "conv_passes.hpp"

#include <residua/kernels/conv/winograd_windows.hpp>

namespace residua {
namespace {

template <class Kernel>
struct Only : Vectorised<float> {
    template <kernels::ConvGeometry>
    using Convolution = Kernel;
};

using Values = std::vector<float>;

Values values_of(const Buffer<float>& images) { return {images.data(), images.data() + images.size()}; }

Values rectified(Values values) {
    for (float& value : values) value = value < 0 ? 0.0F : value;
    return values;
}

Values sum(Values a, const Values& b) {
    for (Size i = 0; i < a.size(); ++i) a[i] += b[i];
    return a;
}

// y of the forward pass, whose sum is to y as it is at first.
template <class Convolution, kernels::ConvGeometry G, bool Accumulates, kernels::Rectify R>
Values result(int n, int threads) {
    Passes<float> passes(subject<Only<Convolution>, G>(), n, threads);
    passes.subject.pack(passes.team, passes.w.data(), passes.packed.data());
    Convolution::template forward<Accumulates, R>(passes.team, n, passes.input(false), passes.packed.data(), passes.bias.data(),
                                                  passes.y.data(), passes.scratch.data(), nullptr);
    return values_of(passes.y);
}

template <class Convolution, kernels::ConvGeometry G>
void check_endings() {
    using kernels::Rectify;
    for (const int n : {1, 9}) {
        const Values addend = values_of(Passes<float>(subject<Only<Convolution>, G>(), n, 1).y);
        const Values plain = result<Convolution, G, false, Rectify::nowhere>(n, 2);
        CHECK(result<Convolution, G, false, Rectify::before_sum>(n, 2) == rectified(plain));
        CHECK(result<Convolution, G, true, Rectify::before_sum>(n, 2) == sum(rectified(plain), addend));
        CHECK(result<Convolution, G, true, Rectify::after_sum>(n, 2) == rectified(sum(plain, addend)));
    }
}

TEST_CASE("a ReLU at the ending of a convolution, before and behind a sum") {
    constexpr auto odd = geometry(Shape{17, 9, 7}, 40, Window{3, 1, 1});
    constexpr auto grouped = geometry(Shape{32, 7, 6}, 32, Window{3, 2, 1}, 8);
    constexpr auto pointwise = geometry(Shape{24, 5, 7}, 18, Window{1, 1, 0});
    check_endings<kernels::DirectConvolution<float, odd>, odd>();
    check_endings<kernels::DirectConvolution<float, grouped>, grouped>();
    check_endings<kernels::PointwiseConvolution<float, pointwise>, pointwise>();
    check_endings<kernels::WinogradConvolution<float, odd, 4>, odd>();
    check_endings<kernels::WideWinogradConvolution<float, odd, 4>, odd>();
}

// On few images, on many, and on so many tiles that the last are summed with others that were summed before.
template <class Transformed, kernels::ConvGeometry G>
void check_windows() {
    using Windows = typename kernels::OfWindows<Transformed>::type;
    static_assert(!std::is_same_v<Windows, Transformed>);
    static_assert(Windows::packed * 16 / 9 < Transformed::packed + Size{1000});
    using kernels::Rectify;
    for (const int n : {1, 2, 9}) {
        const Values expected = result<Transformed, G, true, Rectify::after_sum>(n, 1);
        for (const int threads : {1, 3}) CHECK(result<Windows, G, true, Rectify::after_sum>(n, threads) == expected);
    }
}

TEST_CASE("windows that are transformed when they are used give the bits of transformed weights") {
    constexpr auto blocks = geometry(Shape{70, 9, 7}, 40, Window{3, 1, 1});
    constexpr auto banded = geometry(Shape{33, 35, 30}, 16, Window{3, 1, 1});
    check_windows<kernels::WinogradConvolution<float, blocks, 4>, blocks>();
    check_windows<kernels::WinogradConvolution<float, blocks, 2>, blocks>();
    check_windows<kernels::WinogradConvolution<float, banded, 4>, banded>();
    check_windows<kernels::WideWinogradConvolution<float, blocks, 4>, blocks>();
    check_windows<kernels::WideWinogradConvolution<float, blocks, 2>, blocks>();
    check_windows<kernels::WideWinogradConvolution<float, banded, 4>, banded>();
}

}  // namespace
}  // namespace residua
