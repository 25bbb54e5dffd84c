// Grouped convolutions against the plain loops.
#include "conv_passes.hpp"

namespace residua {
namespace {

// (Each geometry costs a second to compile, for each scalar: so each has the one with whose lanes its groups differ most.)
#define RESIDUA_TEST_GROUPS(name, scalar, ...) \
    TEST_CASE("convolution in " name) { check<OnlyDirect<scalar>, geometry(__VA_ARGS__)>(); }

// Groups narrower than a block that fill it or do not, as wide, wider, and that begin within one.
RESIDUA_TEST_GROUPS("3 groups, 6 to 9 channels, stride 2", float, Shape{6, 8, 7}, 9, Window{3, 2, 1}, 3)
RESIDUA_TEST_GROUPS("8 groups, 32 to 32 channels", float, Shape{32, 5, 9}, 32, Window{3, 1, 1}, 8)
RESIDUA_TEST_GROUPS("8 groups, 32 to 16 channels, 5x5, stride 2", double, Shape{32, 9, 6}, 16, Window{5, 2, 2}, 8)
RESIDUA_TEST_GROUPS("4 groups, 48 to 48 channels, stride 2", double, Shape{48, 5, 4}, 48, Window{3, 2, 1}, 4)
RESIDUA_TEST_GROUPS("4 groups, 48 to 80 channels, 1x1, stride 2", float, Shape{48, 3, 5}, 80, Window{1, 2, 0}, 4)
RESIDUA_TEST_GROUPS("5 groups, 20 to 20 channels, asymmetric padding", float, Shape{20, 6, 18}, 20, Window{3, 1, Margins(0, 2)},
                    5)
RESIDUA_TEST_GROUPS("5 groups, 20 to 30 channels, 1x1", double, Shape{20, 3, 3}, 30, Window{1, 1, 0}, 5)
RESIDUA_TEST_GROUPS("2 groups, 64 to 64 channels", float, Shape{64, 4, 5}, 64, Window{3, 1, 1}, 2)
RESIDUA_TEST_GROUPS("6 groups, 48 to 48 channels, 1x1", float, Shape{48, 4, 5}, 48, Window{1, 1, 0}, 6)
RESIDUA_TEST_GROUPS("17 channels, each a group, 5x5", float, Shape{17, 6, 7}, 17, Window{5, 1, 2}, 17)
RESIDUA_TEST_GROUPS("18 groups of two filters, stride 2", double, Shape{18, 6, 7}, 36, Window{3, 2, 1}, 18)

TEST_CASE("a grouped convolution has the same bits on any number of threads") {
    same_bits_on_any_number_of_threads<OnlyDirect<double>, geometry(Shape{48, 5, 4}, 48, Window{3, 2, 1}, 4)>();
    same_bits_on_any_number_of_threads<OnlyDirect<float>, geometry(Shape{32, 5, 9}, 32, Window{3, 1, 1}, 8)>();
}

// (Of groups that fill a block. Others that share one may give each other NaN: an infinity meets weights of zero.)
TEST_CASE("infinity stays in its group") {
    using T = float;
    constexpr kernels::ConvGeometry g = geometry(Shape{20, 6, 6}, 20, Window{3, 1, 1}, 10);
    Passes<T> passes(subject<OnlyDirect<T>, g>(), 2, 1);
    passes.x.data()[0] = std::numeric_limits<T>::infinity();
    passes.dy.data()[0] = std::numeric_limits<T>::infinity();
    passes.run(false, false, false);
    const auto all_finite = [](const std::vector<T>& values, Size begin, Size end) {
        return std::all_of(values.begin() + static_cast<std::ptrdiff_t>(begin), values.begin() + static_cast<std::ptrdiff_t>(end),
                           [](T value) { return std::isfinite(value); });
    };
    const Size group = 2 * g.in.pixels();
    const auto y = passes.plain(passes.y, g.out);
    const auto dx = passes.plain(passes.dx, g.in);
    CHECK(!all_finite(y, 0, group));
    CHECK(all_finite(y, group, y.size()));
    CHECK(!all_finite(dx, 0, group));
    CHECK(all_finite(dx, group, dx.size()));
    const Size weights_a_group = passes.dw.size() / 10;
    CHECK(!all_finite(passes.dw, 0, weights_a_group));
    CHECK(all_finite(passes.dw, weights_a_group, passes.dw.size()));
}

}  // namespace
}  // namespace residua
