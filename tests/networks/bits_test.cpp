// The same bits on 1, 2, 3 and 8 threads and on a user's executor, from run to run, and whatever is recomputed.
#include <doctest/doctest.h>

#include <residua/residua.hpp>

#include <residua/testing/numbers.hpp>
#include "../support/own_executor.hpp"

#include <algorithm>
#include <vector>

namespace residua {
namespace {

constexpr int batch = 9;

template <class Net>
struct Trained {
    Parameters<Net> parameters;
    std::vector<float> gradients;
    std::vector<float> logits;
    std::vector<double> losses;

    friend bool operator==(const Trained&, const Trained&) = default;
};

template <class Net, class Recomputation = KeepAll>
Trained<Net> trained(const Threads& threads) {
    testing::Numbers numbers(4);
    std::vector<float> images(batch * Net::input_shape.size());
    for (float& value : images) value = static_cast<float>(numbers.next());
    const int labels[batch] = {1, 0, 3, 2, 4, 4, 1, 0, 2};

    Trained<Net> result{initialized<Net>(HeNormal{FanOut{}}, 3), {}, {}, {}};
    Trainer<Net, batch, Recomputation> trainer(result.parameters, {}, {threads, 5});
    for (int step = 0; step < 3; ++step) {
        result.losses.push_back(trainer.step(images.data(), labels, step == 1 ? batch - 4 : batch, 0.1).loss);
    }
    result.gradients.assign(trainer.gradients().begin(), trainer.gradients().end());

    const Inference<Net> engine(result.parameters);
    typename Inference<Net>::template Workspace<batch> workspace(threads);
    for (const int n : {batch, 2}) {
        const auto logits =
            engine(std::span<const float>(images.data(), static_cast<Size>(n) * Net::input_shape.size()), workspace);
        result.logits.insert(result.logits.end(), logits.begin(), logits.end());
    }

    // An image has the same logits alone, whatever its place in the batch was.
    constexpr Size classes = Net::output_shape.size();
    for (Size i = 0; i < batch; ++i) {
        const auto alone =
            engine(std::span<const float>(images).subspan(i * Net::input_shape.size(), Net::input_shape.size()), workspace);
        CHECK(std::equal(alone.begin(), alone.end(), result.logits.begin() + static_cast<std::ptrdiff_t>(i * classes)));
    }
    return result;
}

template <class Order, class Shortcut>
using Small = Network<Shape{3, 9, 8}, cifar::BasicSpec<14, Order, Shortcut, 5, 6>>;

TEST_CASE_TEMPLATE("bits do not depend on threads", Net, Small<PreActivation, ZeroPadding>, Small<Original, Project>,
                   Small<PreActivationWithoutBatchNorm, ReZero<Project>>,
                   Small<BnAfterAddition, WithBranchEnd<SqueezeExcite<2>, ExclusiveGating<Real(-1)>>>,
                   Small<ReluBeforeAddition, WithBranchEnd<StochasticDepth<>, DropoutShortcut<>>>,
                   Network<Shape{3, 9, 8}, cifar::BottleneckSpec<11, PreActivation, Project, 5, 4>>) {
    const Trained<Net> one = trained<Net>(1);
    CHECK(one == trained<Net>(1));
    CHECK(one == trained<Net>(2));
    CHECK(one == trained<Net>(3));
    CHECK(one == trained<Net>(8));
    testing::TakesTurns mine;
    CHECK(one == trained<Net>(mine.executor()));
    CHECK(mine.calls > 0);
}

TEST_CASE("what is recomputed has the same bits, and needs less memory") {
    using DepthAndDropout = WithBranchEnd<StochasticDepth<>, DropoutShortcut<>>;
    using Net = Network<Shape{3, 9, 8}, cifar::BasicSpec<32, PreActivation, DepthAndDropout, 5, 6>>;
    const Trained<Net> kept = trained<Net>(2);
    CHECK((kept == trained<Net, RecomputeEvery<1>>(2)));
    CHECK((kept == trained<Net, RecomputeEvery<2>>(1)));
    CHECK((kept == trained<Net, RecomputeEvery<3>>(2)));
    CHECK((kept == trained<Net, RecomputeEvery<100>>(2)));

    using Deep = cifar::PreActResNet<1001>;
    static_assert(Deep::training_bytes<1, RecomputeEvery<11>> < 20 * 1024 * 1024);
    static_assert(Deep::training_bytes<1, RecomputeEvery<11>> < Deep::training_bytes<1> / 4);
    MESSAGE("ResNet-1001, an image: ", Deep::training_bytes<1> >> 20,
            " MiB, recomputed every 11: ", Deep::training_bytes<1, RecomputeEvery<11>> >> 20, " MiB");
}

}  // namespace
}  // namespace residua
