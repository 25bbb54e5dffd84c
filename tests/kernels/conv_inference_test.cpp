// What inference alone has of convolutions: a ReLU at their ending, and windows in the place of transformed weights. Both have
// the bits of what they stand for.
#include <doctest/doctest.h>

#include <residua/core/buffer.hpp>
#include <residua/kernels/conv/direct.hpp>
#include <residua/kernels/conv/pointwise.hpp>
#include <residua/kernels/conv/winograd_windows.hpp>
#include <residua/testing/numbers.hpp>

#include <algorithm>
#include <type_traits>
#include <vector>

namespace residua {
namespace {

using kernels::Rectify;
using Values = std::vector<float>;

constexpr kernels::ConvGeometry geometry(Shape in, int filters, Window window, int groups = 1) {
    return {in, {filters, window.over(in.height), window.over(in.width)}, window, groups};
}

void fill(testing::Numbers& numbers, std::span<float> values) {
    for (float& value : values) value = static_cast<float>(numbers.next());
}

// n images in blocks of channels, with zeros beyond the last channel.
Buffer<float> images(testing::Numbers& numbers, Shape shape, int n) {
    constexpr int lanes = simd::lanes<float>;
    const Size image = stored(shape, lanes);
    Buffer<float> result(image * static_cast<Size>(n));
    for (int i = 0; i < n; ++i) {
        for (int c = 0; c < shape.channels; ++c) {
            for (Size p = 0; p < shape.pixels(); ++p) {
                result.data()[static_cast<Size>(i) * image + blocked_index(shape.pixels(), lanes, c, p)] =
                    static_cast<float>(numbers.next());
            }
        }
    }
    return result;
}

Values values_of(const Buffer<float>& blocked) { return {blocked.data(), blocked.data() + blocked.size()}; }

Values rectified(Values values) {
    for (float& value : values) value = value < 0 ? 0.0F : value;
    return values;
}

Values sum(Values a, const Values& b) {
    for (Size i = 0; i < a.size(); ++i) a[i] += b[i];
    return a;
}

// What a sum is to: y before the pass.
Values addend_of(Shape shape, int n) {
    testing::Numbers numbers(5);
    return values_of(images(numbers, shape, n));
}

template <class Convolution, kernels::ConvGeometry G, bool Accumulates, Rectify R>
Values result(int n, int threads) {
    const Team team(threads, Convolution::worker_bytes);
    testing::Numbers of_y(5);
    Buffer<float> y = images(of_y, G.out, n);
    testing::Numbers numbers(3);
    Values weights(static_cast<Size>(G.inputs_a_group() * G.out.channels * G.window.size * G.window.size));
    Values bias(static_cast<Size>(G.out.channels));
    fill(numbers, weights);
    fill(numbers, bias);
    const Buffer<float> x = images(numbers, G.in, n);  // (the first is the same for any n)

    Buffer<float> packed(rounded(Convolution::packed));
    Buffer<float> scratch(rounded(Convolution::forward_scratch + static_cast<Size>(n) * Convolution::forward_scratch_of_image));
    Convolution::pack(team, weights.data(), packed.data());
    Convolution::template forward<Accumulates, R>(team, n, {x.data()}, packed.data(), bias.data(), y.data(), scratch.data(),
                                                  nullptr);
    return values_of(y);
}

template <class Convolution, kernels::ConvGeometry G>
void check_endings() {
    for (const int n : {1, 9}) {
        const Values addend = addend_of(G.out, n);
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
    using Windows = typename kernels::OfWindows<Transformed, true, true>::type;
    static_assert(!std::is_same_v<Windows, Transformed>);
    for (const int n : {1, 2, 9}) {
        const Values expected = result<Transformed, G, true, Rectify::after_sum>(n, 1);
        for (const int threads : {1, 3}) CHECK(result<Windows, G, true, Rectify::after_sum>(n, threads) == expected);
    }
}

TEST_CASE("windows that are transformed when they are used give the bits of transformed weights") {
    constexpr auto blocks = geometry(Shape{70, 9, 7}, 40, Window{3, 1, 1});
    constexpr auto banded = geometry(Shape{33, 35, 30}, 16, Window{3, 1, 1});
    constexpr auto few = geometry(Shape{70, 8, 5}, 40, Window{3, 1, 1});  // (four tiles, and channels in eights and six)
    check_windows<kernels::WinogradConvolution<float, few, 4>, few>();
    check_windows<kernels::WideWinogradConvolution<float, few, 4>, few>();
    check_windows<kernels::WinogradConvolution<float, blocks, 4>, blocks>();
    check_windows<kernels::WinogradConvolution<float, blocks, 2>, blocks>();
    check_windows<kernels::WinogradConvolution<float, banded, 4>, banded>();
    check_windows<kernels::WideWinogradConvolution<float, blocks, 4>, blocks>();
    check_windows<kernels::WideWinogradConvolution<float, banded, 4>, banded>();
}

TEST_CASE("layers of few tiles and of many have windows each for its own reason") {
    constexpr auto few = geometry(Shape{16, 8, 8}, 16, Window{3, 1, 1});
    constexpr auto many = geometry(Shape{16, 8, 9}, 16, Window{3, 1, 1});
    using Few = kernels::WinogradConvolution<float, few, 4>;
    using Many = kernels::WideWinogradConvolution<float, many, 4>;
    static_assert(std::is_same_v<kernels::OfWindows<Few, false, true>::type, Few>);
    static_assert(std::is_same_v<kernels::OfWindows<Few, true, false>::type, kernels::WinogradOfWindows<float, few, 4>>);
    static_assert(std::is_same_v<kernels::OfWindows<Many, true, false>::type, Many>);
    static_assert(std::is_same_v<kernels::OfWindows<Many, false, true>::type, kernels::WideWinogradOfWindows<float, many, 4>>);
}

template <class Convolution, kernels::ConvGeometry G>
void check_alone() {
    const Values alone = result<Convolution, G, true, Rectify::after_sum>(1, 2);
    for (const int n : {2, 9}) {
        const Values all = result<Convolution, G, true, Rectify::after_sum>(n, 1);
        CHECK(std::equal(alone.begin(), alone.end(), all.begin()));
    }
}

// (Seven blocks of results, which four tiles are summed for at once: four, two and one.)
TEST_CASE("an image alone has the bits that it has among others") {
    constexpr auto few_tiles = geometry(Shape{24, 7, 7}, 104, Window{3, 1, 1});
    constexpr auto one_tile = geometry(Shape{40, 3, 4}, 40, Window{3, 1, 1});
    check_alone<kernels::WinogradConvolution<float, few_tiles, 4>, few_tiles>();
    check_alone<kernels::WideWinogradConvolution<float, few_tiles, 4>, few_tiles>();
    check_alone<kernels::OfWindows<kernels::WinogradConvolution<float, one_tile, 4>, true, true>::type, one_tile>();
    check_alone<kernels::OfWindows<kernels::WideWinogradConvolution<float, few_tiles, 4>, true, true>::type, few_tiles>();
}

}  // namespace
}  // namespace residua
