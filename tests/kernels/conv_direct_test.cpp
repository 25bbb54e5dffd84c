// The direct convolution against the plain loops, on shapes that are no multiple of anything.
#include "conv_passes.hpp"

#include <type_traits>

namespace residua {
namespace {

// (Each geometry costs a second to compile, for each scalar: one here and the other where kernels alone are tested, by turns.)
#ifdef RESIDUA_TEST_KERNELS_ONLY
inline constexpr int turn = 0;
#else
inline constexpr int turn = 1;
#endif
template <int Line>
using OneScalar = std::conditional_t<Line % 2 == turn, float, double>;

#define RESIDUA_TEST_GEOMETRY(name, ...) \
    TEST_CASE("convolution " name) { check<OnlyDirect<OneScalar<__LINE__>>, geometry(__VA_ARGS__)>(); }

RESIDUA_TEST_GEOMETRY("3x3, 3 to 16 channels, 9x7", Shape{3, 9, 7}, 16, Window{3, 1, 1})
RESIDUA_TEST_GEOMETRY("3x3, 5 to 12 channels, odd stride 2", Shape{5, 7, 11}, 12, Window{3, 2, 1})
RESIDUA_TEST_GEOMETRY("3x3, 17 to 100 channels, 4x4", Shape{17, 4, 4}, 100, Window{3, 1, 1})
RESIDUA_TEST_GEOMETRY("1x1, 100 to 17 channels", Shape{100, 3, 5}, 17, Window{1, 1, 0})
RESIDUA_TEST_GEOMETRY("1x1, stride 2, 12 to 5 channels", Shape{12, 6, 5}, 5, Window{1, 2, 0})
RESIDUA_TEST_GEOMETRY("1x1, 40 to 70 channels, strips that are not alike", Shape{40, 17, 19}, 70, Window{1, 1, 0})
RESIDUA_TEST_GEOMETRY("1x1, stride 2, 300 to 33 channels, strips of rows", Shape{300, 23, 9}, 33, Window{1, 2, 0})
RESIDUA_TEST_GEOMETRY("1x1, stride 3, 17 to 40 channels", Shape{17, 8, 9}, 40, Window{1, 3, 0})
RESIDUA_TEST_GEOMETRY("7x7, stride 2, 1 channel, 13x16", Shape{1, 13, 16}, 17, Window{7, 2, 3})
RESIDUA_TEST_GEOMETRY("5x5 without padding", Shape{3, 6, 5}, 5, Window{5, 1, 0})
RESIDUA_TEST_GEOMETRY("2x2, padding behind only", Shape{5, 5, 4}, 3, Window{2, 1, Margins(0, 1)})
RESIDUA_TEST_GEOMETRY("3x3, asymmetric padding, stride 3", Shape{12, 10, 8}, 17, Window{3, 3, Margins(2, 0)})
RESIDUA_TEST_GEOMETRY("2x2 with stride 3: inputs that nobody reads", Shape{5, 8, 9}, 5, Window{2, 3, 0})
RESIDUA_TEST_GEOMETRY("1x1 images", Shape{17, 1, 1}, 12, Window{3, 1, 1})
RESIDUA_TEST_GEOMETRY("1x1 images, stride 2", Shape{3, 1, 1}, 5, Window{3, 2, 1})
RESIDUA_TEST_GEOMETRY("padding wider than the kernel reaches", Shape{1, 3, 2}, 3, Window{3, 1, 4})
RESIDUA_TEST_GEOMETRY("3x3, 48 to 40 channels, 14x33", Shape{48, 14, 33}, 40, Window{3, 1, 1})
RESIDUA_TEST_GEOMETRY("7x7, stride 2, 3 to 40 channels, 9x11: a row of taps, block by block", Shape{3, 9, 11}, 40,
                      Window{7, 2, 3})

TEST_CASE_TEMPLATE("a convolution has the same bits on any number of threads", T, float, double) {
    same_bits_on_any_number_of_threads<OnlyDirect<T>, geometry(Shape{17, 7, 6}, 21, Window{3, 1, 1})>();
}

TEST_CASE_TEMPLATE("a 1x1 convolution does what is left of a gradient", T, float, double) {
    last_step_is_done_while_reading<OnlyDirect<T>, geometry(Shape{40, 17, 19}, 70, Window{1, 1, 0})>(9);
    same_bits_on_any_number_of_threads<OnlyDirect<T>, geometry(Shape{40, 17, 19}, 70, Window{1, 1, 0})>();
}

TEST_CASE_TEMPLATE("infinity stays in its channels' sums and out of the lanes beyond", T, float, double) {
    constexpr kernels::ConvGeometry g = geometry(Shape{5, 6, 6}, 5, Window{3, 1, 1});
    Passes<T> passes(subject<OnlyDirect<T>, g>(), 2, 1);
    passes.x.data()[0] = std::numeric_limits<T>::infinity();
    passes.dy.data()[0] = std::numeric_limits<T>::infinity();
    passes.run(false, false, false);
    CHECK(passes.zero_beyond(passes.y, g.out));
    CHECK(passes.zero_beyond(passes.dx, g.in));
    CHECK(!std::isfinite(passes.plain(passes.y, g.out)[0]));
    CHECK(std::isfinite(passes.plain(passes.y, g.out)[3 * 6 + 3]));
}

}  // namespace
}  // namespace residua
