// Winograd's convolutions against the plain loops, on shapes that are no multiple of anything.
#include "conv_passes.hpp"

#include <residua/kernels/conv/winograd.hpp>
#include <residua/kernels/conv/winograd_wide.hpp>

namespace residua {
namespace {

template <class T, int Out>
struct OnlyWinograd : Vectorised<T> {
    template <kernels::ConvGeometry G>
    using Convolution = kernels::WinogradConvolution<T, G, Out>;
};

// (What serves wide convolutions is right for any.)
template <class T, int Out>
struct OnlyWide : Vectorised<T> {
    template <kernels::ConvGeometry G>
    using Convolution = kernels::WideWinogradConvolution<T, G, Out>;
};

// F(4x4)'s rounding errors are some five times those of a direct convolution.
template <class T, int Out>
constexpr double most_apart = (Out == 4 ? 8 : 2) * (std::is_same_v<T, double> ? 1e-14 : 3e-6);

template <class T, int Out, kernels::ConvGeometry G>
void check_winograd() {
    check<OnlyWinograd<T, Out>, G>(most_apart<T, Out>);
}

TEST_CASE("Winograd, 3 to 16 channels, 9x7") { check_winograd<float, 4, geometry(Shape{3, 9, 7}, 16, Window{3, 1, 1})>(); }
TEST_CASE("Winograd, 17 to 40 channels, 12x8") { check_winograd<float, 4, geometry(Shape{17, 12, 8}, 40, Window{3, 1, 1})>(); }
TEST_CASE("Winograd, 32 to 16 channels, 33x30: bands of an image") {
    check_winograd<float, 4, geometry(Shape{32, 33, 30}, 16, Window{3, 1, 1})>();
}
TEST_CASE("Winograd, 5 to 5 channels, 4x4 without padding") {
    check_winograd<float, 4, geometry(Shape{5, 6, 6}, 5, Window{3, 1, 0})>();
}
TEST_CASE("Winograd, padding before only, one column") {
    check_winograd<float, 4, geometry(Shape{4, 5, 1}, 6, Window{3, 1, Margins(2, 0)})>();
}
TEST_CASE("Winograd in double, 12 to 9 channels, 7x7") {
    check_winograd<double, 4, geometry(Shape{12, 7, 7}, 9, Window{3, 1, 1})>();
}
TEST_CASE("Winograd with tiles of 2x2, 20 to 12 channels, 7x5") {
    check_winograd<float, 2, geometry(Shape{20, 7, 5}, 12, Window{3, 1, 1})>();
}
TEST_CASE("Winograd in double with tiles of 2x2, 1x1 images") {
    check_winograd<double, 2, geometry(Shape{9, 1, 1}, 5, Window{3, 1, 1})>();
}

TEST_CASE("Winograd of wide layers, 17 to 40 channels, 12x8") {
    check<OnlyWide<float, 4>, geometry(Shape{17, 12, 8}, 40, Window{3, 1, 1})>(most_apart<float, 4>);
}
TEST_CASE("Winograd of wide layers, 32 to 16 channels, 35x30: bands of an image") {
    check<OnlyWide<float, 4>, geometry(Shape{32, 35, 30}, 16, Window{3, 1, 1})>(most_apart<float, 4>);
}
TEST_CASE("Winograd of wide layers in double with tiles of 2x2, padding before only, 9 to 5 channels, 5x1") {
    check<OnlyWide<double, 2>, geometry(Shape{9, 5, 1}, 5, Window{3, 1, Margins(2, 0)})>(most_apart<double, 2>);
}

TEST_CASE("Winograd has the same bits on any number of threads") {
    same_bits_on_any_number_of_threads<OnlyWinograd<float, 4>, geometry(Shape{17, 9, 6}, 21, Window{3, 1, 1})>();
    same_bits_on_any_number_of_threads<OnlyWide<float, 4>, geometry(Shape{17, 12, 8}, 40, Window{3, 1, 1})>();
}

TEST_CASE("Winograd does what is left of a gradient") {
    last_step_is_done_while_reading<OnlyWinograd<float, 4>, geometry(Shape{17, 9, 6}, 21, Window{3, 1, 1})>(9);
    last_step_is_done_while_reading<OnlyWide<float, 4>, geometry(Shape{17, 12, 8}, 40, Window{3, 1, 1})>(9);
}

}  // namespace
}  // namespace residua
