// The checker of layers finds what is wrong with one, a mistake at a time.
#include <doctest/doctest.h>

#include <residua/testing/layer_check.hpp>

namespace residua::inline RESIDUA_ISA::testing {
namespace {

enum class Mistake {
    none,
    input_gradient,
    parameter_gradient,
    gradient_written,
    y_written,
    dx_written,
    moments,
    lanes,
    in_place,
    scratch,
    beyond,
    saved_in_inference,
    statistics_in_inference,
    recompute,
    ignores_moments,
    discards,
    threads
};

// y = alpha x, right but for one mistake.
template <Mistake M>
struct Times : KeepsShape {
    template <Signal In, class K>
    struct At : Bound<Times, In, K> {
        using T = typename K::Scalar;
        static constexpr Size image = stored(In.shape(), K::lanes);
        static constexpr Extent extent{.parameters = 1, .statistics = 1, .saved = granule};
        static constexpr bool reads_input = true;
        static constexpr bool counts_moments = true;
        static constexpr bool in_place = M == Mistake::in_place;
        static constexpr bool wants_moments = true;
        static constexpr bool discards = true;
        template <Mode, bool>
        static constexpr Need forward_scratch{granule, 0};
        template <bool>
        static constexpr Need backward_scratch = image_sums<T>;

        template <Mode Of, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            T alpha = f.parameters[0];
            if (M == Mistake::scratch) alpha += 0 * f.scratch_fixed[0];
            if (M == Mistake::beyond) f.saved[static_cast<Size>(f.n) * granule] = alpha;
            if (M == Mistake::ignores_moments && x.moments) alpha += x.moments[0];
            if (M == Mistake::saved_in_inference || Of != Mode::inference) f.saved[0] = alpha;
            if (M == Mistake::statistics_in_inference && Of == Mode::inference) alpha = f.statistics[0];
            if (Of == Mode::training || (M == Mistake::recompute && Of == Mode::recompute)) f.statistics[0] += 1;
            if constexpr (M == Mistake::in_place) {
                if (Of != Mode::inference) write_values(f, image, y, [&](Size) { return T(0); });
            }
            if constexpr (M == Mistake::y_written) {
                write_values(f, image, Output<T>{y.data}, [&](Size i) { return alpha * x.data[i]; });
            } else if constexpr (M == Mistake::lanes) {
                write_values(f, image, y, [&](Size i) { return alpha * x.data[i] + 1; });
            } else {
                write_values(f, image, y, [&](Size i) { return alpha * x.data[i]; });
            }
            if constexpr (M != Mistake::moments) count_moments<K>(f, y, In);
        }
        template <class Out>
        static void backward(const Frame<T>& f, Input<T> x, Unread, Gradient<T> dy, Out dx) {
            const T alpha = f.parameters[0];
            double sum = sum_over_images(f, [&](Size n) {
                double of_image = 0;
                for (Size i = n * image; i < (n + 1) * image; ++i) of_image += double(x.data[i] * dy.data[i]);
                return of_image;
            });
            if (M == Mistake::parameter_gradient) sum *= 1.001;
            if (M == Mistake::discards && !is_wanted<Out>) sum = 0;
            if (M == Mistake::threads && f.team->workers() > 1) sum *= 1 + 1e-15;
            if (M == Mistake::gradient_written) f.gradients[0] = 0;
            f.gradients[0] += T(sum);
            if constexpr (is_wanted<Out>) {
                const T slope = M == Mistake::input_gradient ? 1.001 * alpha : alpha;
                if constexpr (M == Mistake::dx_written) {
                    write_values(f, image, Output<T>{dx.data}, [&](Size i) { return slope * dy.data[i]; });
                } else {
                    write_values(f, image, dx, [&](Size i) { return slope * dy.data[i]; });
                }
            }
        }
        static constexpr void describe(Namer& namer) {
            const auto leaf = namer.leaf("times", In, In, 1, 0);
            namer.tensor("alpha", Role::parameter, {1}, 1, 1);
            namer.tensor("mean", Role::running_mean, {1}, 1, 0);
        }
    };
};

// A composite's description is not looked at by shape inference.
template <class L>
struct Undescribed {
    template <Signal In>
    static constexpr ShapeInference infer() {
        return inferred<L, In>;
    }
    template <Signal In, class K>
    struct At : residua::At<L, In, K> {
        static constexpr void describe(Namer&) {}
    };
};

// What the checker says of a layer with a mistake; of one image's few values, which is enough.
template <class Spec, class K = PlainLoops<double>>
std::string found() {
    LayerReport report;
    detail::check_on<Spec, Signal(Shape{3, 2, 2}), K>("K", report);
    return report.text();
}
bool says(const std::string& text, const char* expected) {
    INFO(text);
    const bool there = text.find(expected) != std::string::npos;
    CHECK(there);
    return there;
}

TEST_CASE("a layer that keeps its contract passes") {
    CHECK(found<Times<Mistake::none>>() == "the layer keeps its contract");
    CHECK(found<Times<Mistake::none>, Vectorised<double>>() == "the layer keeps its contract");
}
TEST_CASE("each mistake is named") {
    says(found<Times<Mistake::input_gradient>>(), "the gradient of input differs");
    says(found<Times<Mistake::parameter_gradient>>(), "the gradient of times1.alpha differs");
    says(found<Times<Mistake::gradient_written>>(), "written, expected to be added");
    says(found<Times<Mistake::y_written>>(), "y is not added");
    says(found<Times<Mistake::dx_written>>(), "dx is not added");
    says(found<Times<Mistake::moments>>(), "the moments are not those of y");
    says(found<Times<Mistake::lanes>, Vectorised<double>>(), "are not zero");
    says(found<Times<Mistake::in_place>>(), "other values where y is x");
    says(found<Times<Mistake::scratch>>(), "that were not written");
    says(found<Times<Mistake::beyond>>(), "beyond the memory that it asks for");
    says(found<Times<Mistake::saved_in_inference>>(), "in inference it uses");
    says(found<Times<Mistake::statistics_in_inference>>(), "in inference it uses");
    says(found<Times<Mistake::recompute>>(), "Mode::recompute");
    says(found<Times<Mistake::ignores_moments>>(), "says wants_moments");
    says(found<Times<Mistake::discards>>(), "says discards");
    says(found<Times<Mistake::threads>>(), "three threads");
    says(found<Undescribed<Times<Mistake::none>>>(), "describes tensors of 0 parameters and 0 statistics");
}

}  // namespace
}  // namespace residua::inline RESIDUA_ISA::testing
