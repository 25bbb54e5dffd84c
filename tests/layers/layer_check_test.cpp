// The checker of layers finds what is wrong with one, a mistake at a time.
#include <doctest/doctest.h>

#include <residua/testing/layer_check.hpp>

#include <mutex>

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
    threads,
    dx_added,
    moments_of_sum,
    moments_of_recompute,
    reads_beyond_parameters,
    writes_beyond_gradients,
    writes_beyond_y,
    writes_beyond_dx,
    raced,
    swallowed_scratch,
    prepared,
    swallowed_prepared,
    inference,
    draws_in_inference,
    draws_unsaid,
    one_mask_for_all_steps,
    one_mask_for_all_images
};

// The mistake that is made now. (In a variable, not a type, as far as declarations do not change: a type takes long to compile.)
Mistake made = Mistake::none;

// y = alpha x, right but for one mistake.
template <Mistake Declared = Mistake::none>
struct Times : KeepsShape {
    template <Signal In, class K>
    struct At : Bound<Times, In, K> {
        using T = typename K::Scalar;
        static constexpr Size image = stored(In.shape(), K::lanes);
        static constexpr bool learns = Declared == Mistake::none || Declared == Mistake::in_place;
        static constexpr bool draws = Declared == Mistake::one_mask_for_all_steps || Declared == Mistake::one_mask_for_all_images;
        static constexpr Extent extent{
            .parameters = 1, .statistics = learns, .prepared = granule, .saved = granule, .draws = draws};
        static constexpr bool reads_input = true;
        static constexpr bool counts_moments = true;
        static constexpr bool in_place = Declared == Mistake::in_place;
        static constexpr bool wants_moments = true;
        static constexpr bool discards = true;
        template <Mode, bool>
        static constexpr Need forward_scratch{granule, 0};
        template <bool>
        static constexpr Need backward_scratch = image_sums<T>;

        static bool is(Mistake mistake) { return made == mistake || Declared == mistake; }
        static T positive(T value) { return value > 0 ? value : T(0); }
        static T last_bit(std::uint64_t number) { return T(number % 2) / 4; }

        static T drawn(const Frame<T>& f) {
            const std::uint64_t step = is(Mistake::one_mask_for_all_images) ? f.draws.step : 0;
            return draws ? last_bit(f.draws.seed + f.draws.first_sample + step) : T(0);
        }

        static void prepare(const Frame<T>& f) {
            if (!is(Mistake::prepared) && !is(Mistake::swallowed_prepared)) f.prepared[0] = 0;
        }

        template <Mode Of, class Out>
        static void forward(const Frame<T>& f, Input<T> x, Out y) {
            T alpha = f.parameters[0];
            if (is(Mistake::scratch)) alpha += 0 * f.scratch_fixed[0];
            if (is(Mistake::swallowed_scratch)) alpha += positive(f.scratch_fixed[0]);
            if (is(Mistake::beyond)) f.saved[static_cast<Size>(f.n) * granule] = alpha;
            if (is(Mistake::ignores_moments) && x.moments) alpha += x.moments[0];
            if (is(Mistake::saved_in_inference) || Of != Mode::inference) f.saved[0] = alpha;
            if (is(Mistake::statistics_in_inference) && Of == Mode::inference) alpha = f.statistics[0];
            if (is(Mistake::reads_beyond_parameters)) alpha += f.parameters[1];
            if (is(Mistake::draws_in_inference) && Of == Mode::inference) alpha += last_bit(f.draws.step);
            if (is(Mistake::draws_unsaid) && Of != Mode::inference) alpha += last_bit(f.draws.step);
            if (Of != Mode::inference) alpha += drawn(f);
            if (is(Mistake::inference) && Of == Mode::inference) alpha *= T(1.001);
            if (Of == Mode::inference) alpha += positive(f.prepared[0]);
            if (is(Mistake::prepared) && Of == Mode::inference) alpha = positive(alpha + f.prepared[0]);
            if constexpr (learns) {
                if (Of == Mode::training || (is(Mistake::recompute) && Of == Mode::recompute)) f.statistics[0] += 1;
            }
            if constexpr (in_place) {
                if (Of != Mode::inference) write_values(f, image, y, [&](Size) { return T(0); });
            }

            const T shift = is(Mistake::lanes);
            const auto value = [&](Size i) { return alpha * x.data[i] + shift; };
            if (is(Mistake::y_written)) {
                write_values(f, image, Output<T>{y.data}, value);
            } else {
                write_values(f, image, y, value);
            }
            if (is(Mistake::writes_beyond_y)) y.data[static_cast<Size>(f.n) * image] = alpha;

            const bool forgotten = is(Mistake::moments) || (is(Mistake::moments_of_sum) && Out::accumulates) ||
                                   (is(Mistake::moments_of_recompute) && Of == Mode::recompute);
            if (!forgotten) count_moments<K>(f, y, In);
        }
        template <class Out>
        static void backward(const Frame<T>& f, Input<T> x, Unread, Gradient<T> dy, Out dx) {
            const T alpha = f.parameters[0] + drawn(f);
            const auto of_image = [&](Size n) {
                double sum = 0;
                for (Size i = n * image; i < (n + 1) * image; ++i) sum += double(x.data[i] * dy.data[i]);
                return sum;
            };
            double sum = 0;
            if (is(Mistake::raced)) {
                f.team->run(f.n, [&](int n, std::byte*) {
                    static std::mutex one_at_a_time;
                    const std::lock_guard<std::mutex> lock(one_at_a_time);
                    sum += of_image(static_cast<Size>(n));
                });
            } else {
                sum = sum_over_images(f, of_image);
            }
            if (is(Mistake::parameter_gradient)) sum *= 1.001;
            if (is(Mistake::discards) && !is_wanted<Out>) sum = 0;
            if (is(Mistake::threads) && f.team->workers() > 1) sum *= 1 + 1e-15;
            if (is(Mistake::gradient_written)) f.gradients[0] = 0;
            f.gradients[0] += T(sum);
            if (is(Mistake::writes_beyond_gradients)) f.gradients[1] += 0;
            if constexpr (is_wanted<Out>) {
                const T slope = is(Mistake::input_gradient) ? T(1.001) * alpha : alpha;
                const auto value = [&](Size i) { return slope * dy.data[i]; };
                if (is(Mistake::dx_written)) {
                    write_values(f, image, Output<T>{dx.data}, value);
                } else if (is(Mistake::dx_added)) {
                    write_values(f, image, Sum<T>{dx.data}, value);
                } else {
                    write_values(f, image, dx, value);
                }
                if (is(Mistake::writes_beyond_dx)) dx.data[static_cast<Size>(f.n) * image] = alpha;
            }
        }
        static constexpr void describe(Namer& namer) {
            const auto leaf = namer.leaf("times", In, In, 1, 0);
            namer.tensor("alpha", Role::parameter, {1}, 1, 1);
            if (learns) namer.tensor("mean", Role::running_mean, {1}, 1, 0);
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

// What the checker says of a layer; of one image's few values, which is enough.
template <class Spec, class K = PlainLoops<double>>
std::string found() {
    LayerReport report;
    detail::check_on<Spec, Signal(Shape{3, 2, 2}), K>("K", report);
    return report.text();
}
void says(const std::string& text, const char* expected) {
    INFO("expected: ", std::string(expected), ", found: ", text);
    const bool there = text.find(expected) != std::string::npos;
    CHECK(there);
}

// Expected of a layer with a mistake.
template <Mistake Declared = Mistake::none, class K = PlainLoops<double>>
void names(Mistake mistake, const char* expected) {
    made = mistake;
    says(found<Times<Declared>, K>(), expected);
    made = Mistake::none;
}

TEST_CASE("a layer that keeps its contract passes") {
    CHECK(found<Times<>>() == "the layer keeps its contract");
    CHECK(found<Times<>, Vectorised<double>>() == "the layer keeps its contract");
    CHECK(found<Dropout<Real(0)>>() == "the layer keeps its contract");     // draws nothing, and says draws
    CHECK(found<Dropout<Real(0.01)>>() == "the layer keeps its contract");  // seldom shows that it draws
}
TEST_CASE("each mistake is named") {
    names(Mistake::input_gradient, "the gradient of input differs");
    names(Mistake::parameter_gradient, "the gradient of times1.alpha differs");
    names(Mistake::gradient_written, "written, expected to be added");
    names(Mistake::y_written, "y is not added");
    names(Mistake::dx_written, "dx is not added");
    names(Mistake::dx_added, "not a number: y, dx");
    names(Mistake::moments, "the moments are not those of y");
    names(Mistake::moments_of_sum, "not those of y where y accumulates");
    names(Mistake::moments_of_recompute, "not those of y in Mode::recompute");
    names<Mistake::none, Vectorised<double>>(Mistake::lanes, "are not zero");
    names<Mistake::in_place>(Mistake::none, "other values where y is x");
    names(Mistake::scratch, "that were not written");
    names(Mistake::swallowed_scratch, "in training it reads memory that it has not written");
    names(Mistake::beyond, "beyond the memory that it asks for");
    names(Mistake::reads_beyond_parameters, "around x, dy or the parameters");
    names(Mistake::writes_beyond_gradients, "beyond the memory that it asks for");
    names(Mistake::writes_beyond_y, "beyond y");
    names(Mistake::writes_beyond_dx, "beyond dx");
    names(Mistake::saved_in_inference, "in inference it uses");
    names(Mistake::statistics_in_inference, "in inference it uses");
    names(Mistake::swallowed_prepared, "in inference it reads memory that it has not written");
    names<Mistake::prepared>(Mistake::none, "inference gives other values than training");
    names<Mistake::inference>(Mistake::none, "inference gives other values than training");
    names(Mistake::recompute, "Mode::recompute gives");
    names(Mistake::ignores_moments, "says wants_moments");
    names(Mistake::discards, "says discards");
    names(Mistake::draws_in_inference, "in inference it draws");
    names(Mistake::draws_unsaid, "does not say so (extent.draws)");
    names<Mistake::one_mask_for_all_steps>(Mistake::none, "does not depend on all of f.draws");
    names<Mistake::one_mask_for_all_images>(Mistake::none, "depends on its place in the batch");
    names(Mistake::threads, "three threads");
    names(Mistake::raced, "in another order");
    says(found<Undescribed<Times<>>>(), "describes tensors of 0 parameters and 0 statistics");
}

}  // namespace
}  // namespace residua::inline RESIDUA_ISA::testing
