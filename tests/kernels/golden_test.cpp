// The bits of everything: three steps and inference of networks that have each layer, ordering and shortcut give these numbers on
// every processor that has an fma, with every compiler and its options, on any number of threads. (scripts/golden.sh tries them
// all. Reference cases have numbers of every ordering, unit and shortcut in networks of their own: tests/reference; what is
// recomputed: tests/networks/bits_test.cpp.)
#include <doctest/doctest.h>

#include <residua/core/hash.hpp>
#include <residua/inference/engine.hpp>
#include <residua/networks/network.hpp>
#include <residua/testing/numbers.hpp>
#include <residua/training/adamw.hpp>
#include <residua/training/initial.hpp>
#include <residua/training/trainer.hpp>
#include <residua/units/unit.hpp>

#include <algorithm>
#include <vector>

namespace residua {
namespace {

// clang-format off
using Layers = Sequence<
    Conv<20, Kernel<7>, Stride<2>, WithBias>, BatchNorm<>, LeakyRelu<Real(0.1)>,
    MaxPool<3, Stride<1>, Padding<1>>,
    Residual<Sequence<Conv<20>, BatchNorm<>, Silu>, Scale<Real(0.3)>>,
    Residual<Sequence<Conv<20, Kernel<1>>, Sigmoid>>,
    Conv<16, Kernel<1>, WithBias>, Gelu, Dropout<Real(0.3)>,
    Conv<16, Groups<4>>, BatchNorm<Real(1e-3), Real(0.2), Affine::none>, Relu,
    Conv<16, Groups<2>, WithBias>, Dropout<Real(0.4), DropoutScaling::plain>,
    AveragePool<3, Stride<2>, Padding<1>>,
    Residual<Conv<24, Kernel<3>, Stride<2>>, Subsample<24, 2, Zeros::half_in_front>>,
    Residual<Sequence<Relu, Conv<24>>>,
    Residual<Sequence<BatchNorm<>, Relu, Conv<20>, BatchNorm<>, Relu, Conv<24>>>,
    BatchNorm<>, Relu, GlobalAveragePool, Linear<19>, Silu, Linear<7>>;

// (33x31 pixels are bands of an image to Winograd's convolution, and what is smaller are whole images; 1060 channels are wide.)
using Units = Sequence<
    Original::Stem<Conv<16>>,
    Unit<Original, Single<16>, ConstantScaling<Real(0.7), Real(0.6)>>,
    Unit<ReluPreActivation, Bottleneck<24, 2, StrideIn::first1x1>, Project>,
    Unit<ReluBeforeAddition, Single<24>, Highway<Real(-1)>>,
    Unit<BnAfterAddition, Single<24>, ExclusiveGating<Real(-1)>>,
    Unit<Original, Single<24>, ShortcutOnlyGating<Real(-1)>>,
    Unit<PreActivation, GroupedBottleneck<30, 2, 12, 1>, CentredZeroPadding>,
    Unit<PreActivation, WeightLayers<Conv<30, Kernel<2>, Stride<3>, Padding<0, 1>>>, DropoutShortcut<>>,
    Unit<ReluPreActivation, Single<30>, Conv1x1<>>,
    Residual<Sequence<Conv<1060, Kernel<1>>, Relu, Conv<30>>>,
    PreActivation::Final, GlobalAveragePool, Linear<7>>;
// clang-format on

constexpr int batch = 5;

template <class T>
using NetOfLayers = Network<Shape{3, 13, 11}, Layers, Vectorised<T>>;
using NetOfUnits = Network<Shape{3, 33, 31}, Units, Vectorised<float>>;

template <class T>
void add(Fnv1a& hash, std::span<const T> values) {
    hash.add(std::as_bytes(values));
}

// The logits of all images, which each of them has alone as well, and whatever stands around it.
template <class Net>
std::vector<typename Net::Scalar> logits_of(const Parameters<Net>& parameters, const std::vector<typename Net::Scalar>& images,
                                            const Threads& threads) {
    using T = typename Net::Scalar;
    constexpr Size image = Net::input_shape.size();
    constexpr Size classes = Net::output_shape.size();
    const Size n = images.size() / image;
    const std::span<const T> all(images);
    const Inference<Net> engine(parameters);
    typename Inference<Net>::template Workspace<batch> workspace(threads);
    const auto together = engine(all, workspace);
    const std::vector<T> logits(together.begin(), together.end());

    // Those from `first` on, backwards.
    for (Size first = 0; first < n; ++first) {
        std::vector<T> turned;
        for (Size i = n; i-- > first;) {
            const auto one = all.subspan(i * image, image);
            turned.insert(turned.end(), one.begin(), one.end());
        }
        const auto found = engine(std::span<const T>(turned), workspace);
        for (Size i = first; i < n; ++i) {
            const auto here = found.subspan((n - 1 - i) * classes, classes);
            CHECK(std::ranges::equal(here, std::span(logits).subspan(i * classes, classes)));
        }
    }
    return logits;
}

template <class Net, class Optimizer>
std::uint64_t bits(const Optimizer& optimizer, const Threads& threads) {
    using T = typename Net::Scalar;
    testing::Numbers numbers(4);
    std::vector<T> images(batch * Net::input_shape.size());
    for (T& value : images) value = static_cast<T>(numbers.next());
    const std::vector<int> labels{1, 0, 6, 2, 4};
    std::vector<T> targets(batch * Net::output_shape.size());
    for (T& value : targets) value = static_cast<T>(1 + numbers.next());

    Fnv1a hash;
    Parameters<Net> parameters = initialized<Net>(HeNormal{FanOut{}}, 3);
    Trainer<Net, batch, Optimizer> trainer(parameters, optimizer, {threads, 5});
    for (const double smoothing : {0.0, 0.1}) {
        const double loss = trainer.step(images.data(), batch, SoftmaxCrossEntropy{labels, smoothing}, 0.05).loss;
        add(hash, std::span(&loss, 1));
    }
    const double loss = trainer.step(images.data(), batch, SoftTargets{targets}, 0.05).loss;
    add(hash, std::span(&loss, 1));
    add(hash, std::span<const T>(parameters.values()));
    add(hash, trainer.state());
    add(hash, std::span<const T>(logits_of<Net>(parameters, images, threads)));
    return hash.value();
}

// What is to come out, with an fma and without.
std::uint64_t golden(std::uint64_t with_fma, std::uint64_t without) { return RESIDUA_HAS_FMA ? with_fma : without; }

TEST_CASE("all layers give the same bits everywhere") {
    const Sgd sgd{.nesterov = true};
    const std::uint64_t of_floats = golden(14654879684018257840U, 9310632430015196092U);
    for (const int threads : {1, 2, 3, 8}) CHECK(bits<NetOfLayers<float>>(sgd, threads) == of_floats);
    CHECK(bits<NetOfLayers<double>>(AdamW{}, 2) == golden(7073038577312470745U, 18359143245205986579U));
}

TEST_CASE("all orderings and shortcuts give the same bits everywhere") {
    const std::uint64_t of_floats = golden(5227113131119576959U, 4727151291658609901U);
    for (const int threads : {1, 3}) CHECK(bits<NetOfUnits>(Sgd{}, threads) == of_floats);
}

}  // namespace
}  // namespace residua
