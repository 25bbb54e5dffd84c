// What an engine is made of and takes: parameters, threads, pixels; and what it says of an image.
#include <doctest/doctest.h>

#include <residua/inference/classify.hpp>
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/initial.hpp>

#include <algorithm>
#include <vector>

namespace residua {
namespace {

// clang-format off
using Body = Flat<
    Conv<16>,
    Stage<2, Unit<PreActivation, Basic<16, 1>, ZeroPadding>>,
    Stage<3, Unit<Original, Basic<19, 2>, Project>, Unit<Original, Basic<19, 1>>>>;
// clang-format on
using Net = Network<Shape{3, 9, 8}, Sequence<Body, Relu, GlobalAveragePool, Linear<5>>>;
constexpr Size image = Net::input_shape.size();
constexpr Size pixels = Net::input_shape.pixels();

struct Colours {
    static constexpr std::array mean{0.5, 0.25, 0.125};
    static constexpr std::array deviation{0.25, 0.5, 0.3};
};

std::vector<std::uint8_t> bytes(int images) {
    std::vector<std::uint8_t> result(static_cast<Size>(images) * image);
    for (Size i = 0; i < result.size(); ++i) result[i] = static_cast<std::uint8_t>(i * 37 + i / 256);
    return result;
}

// As torchvision makes them of bytes: ToTensor, Normalize.
std::vector<float> floats(const std::vector<std::uint8_t>& bytes) {
    std::vector<float> result(bytes.size());
    for (Size i = 0; i < bytes.size(); ++i) {
        const Size c = i % image % 3;
        const Size to = i / image * image + c * pixels + i % image / 3;
        result[to] = (static_cast<float>(bytes[i]) / 255.0F - static_cast<float>(Colours::mean[c])) /
                     static_cast<float>(Colours::deviation[c]);
    }
    return result;
}

std::vector<float> kept(std::span<const float> logits) { return {logits.begin(), logits.end()}; }

TEST_CASE("pixels become the inputs that torchvision makes of them") {
    const Inference<Net> engine(initialized<Net>());
    Inference<Net>::Workspace<3> workspace;
    const std::vector<std::uint8_t> given = bytes(2);
    const std::vector<float> from_pixels = kept(engine(Pixels<Colours>{given}, workspace));
    const std::vector<float> from_floats = kept(engine(std::span<const float>(floats(given)), workspace));
    CHECK(from_pixels == from_floats);
    CHECK(from_pixels.size() == 10);
    CHECK_THROWS_WITH_AS(engine(Pixels<Colours>{std::span(given).first(5)}, workspace),
                         "residua: an engine takes 1 to 3 images of 216 values, 5 values were given", Error);
}

TEST_CASE("a call without errors gives the same logits, or none") {
    const Inference<Net> engine(initialized<Net>());
    Inference<Net>::Workspace<2> workspace;
    const std::vector<std::uint8_t> given = bytes(3);
    const std::vector<float> images = floats(given);
    const std::span<const float> two = std::span(images).first(2 * image);
    const std::vector<float> logits = kept(engine(two, workspace));
    Inference<Net>::Workspace<1> of_one;
    CHECK(kept(engine.infer(two.first(image), of_one)) == std::vector<float>(logits.begin(), logits.begin() + 5));

    static_assert(noexcept(engine.infer(two, workspace)));
    CHECK(kept(engine.infer(two, workspace)) == logits);
    CHECK(kept(engine.infer(Pixels<Colours>{std::span(given).first(2 * image)}, workspace)) == logits);
    CHECK(engine.infer(std::span<const float>(images), workspace).empty());
    CHECK(engine.infer(two.first(image + 1), workspace).empty());
    CHECK(engine.infer(Pixels<Colours>{}, workspace).empty());
}

TEST_CASE("an engine is the same whatever its parameters came in and on how many threads it was made") {
    const Parameters<Net> parameters = initialized<Net>(HeNormal{FanOut{}}, 3);
    const std::vector<float> images = floats(bytes(2));
    Inference<Net>::Workspace<2> workspace;
    const Inference<Net> of_a_copy(parameters);
    const std::vector<float> logits = kept(of_a_copy(std::span<const float>(images), workspace));

    Inference<Net> handed_over(Parameters<Net>(parameters), 3);
    CHECK(kept(handed_over(std::span<const float>(images), workspace)) == logits);

    handed_over.update(initialized<Net>(HeNormal{FanOut{}}, 4));
    CHECK(kept(handed_over(std::span<const float>(images), workspace)) != logits);
    handed_over.update(parameters, 2);
    CHECK(kept(handed_over(std::span<const float>(images), workspace)) == logits);

    const Inference<Net> copy = handed_over;
    CHECK(kept(copy(std::span<const float>(images), workspace)) == logits);
}

TEST_CASE("a tapped unit hands over what comes out of it") {
    using Tapped = Inference<Net, "layer2", "layer1.0", "layer2.2">;
    static_assert(Tapped::shape_at<"layer1.0"> == Shape{16, 9, 8});
    static_assert(Tapped::shape_at<"layer2"> == Shape{19, 5, 4});
    const Parameters<Net> parameters = initialized<Net>(HeNormal{FanOut{}}, 3);
    const std::vector<float> images = floats(bytes(2));
    const Tapped engine(parameters);
    Tapped::Workspace<3> workspace(2);
    CHECK(workspace.at<"layer2">().empty());
    const std::vector<float> logits = kept(engine(std::span<const float>(images), workspace));

    // Whose results are the last unit's.
    using Trunk = Network<Shape{3, 9, 8}, Body>;
    Parameters<Trunk> of_trunk;
    std::copy_n(parameters.parameters(), Trunk::parameter_count, of_trunk.parameters());
    std::copy_n(parameters.statistics(), Trunk::statistic_count, of_trunk.statistics());
    const Inference<Trunk, "layer1.0"> trunk(of_trunk);
    Inference<Trunk, "layer1.0">::Workspace<2> of_two;
    const std::vector<float> result = kept(trunk(std::span<const float>(images), of_two));
    CHECK(kept(workspace.at<"layer2">()) == result);
    CHECK(kept(workspace.at<"layer2.2">()) == result);
    CHECK(kept(workspace.at<"layer1.0">()) == kept(of_two.at<"layer1.0">()));
    CHECK(kept(workspace.at<"layer1.0">()) != result);

    const Inference<Net> untapped(parameters);
    Inference<Net>::Workspace<2> without;
    CHECK(kept(untapped(std::span<const float>(images), without)) == logits);
}

TEST_CASE("guesses are top_k with the probabilities of softmax") {
    const std::vector<float> logits{0.5F, 3.0F, -2.0F, 3.0F, 1.0F, 0.75F};
    const auto best = guesses<4>(std::span<const float>(logits));
    const std::vector<int> classes = top_k(logits, 4);
    const std::vector<float> probabilities = softmax(logits);
    for (Size i = 0; i < 4; ++i) {
        CHECK(best[i].label == classes[i]);
        CHECK(static_cast<float>(best[i].probability) == probabilities[static_cast<Size>(classes[i])]);
    }
    CHECK(guesses<6>(std::span<const float>(logits))[5].label == 2);
    CHECK_THROWS_WITH_AS(guesses<7>(std::span<const float>(logits)), "residua: guesses: expected at least 7 logits, found 6",
                         Error);
}

static_assert(Inference<Net>::Workspace<1>::bytes < 512 * 1024);

}  // namespace
}  // namespace residua
