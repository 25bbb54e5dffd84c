// The bits of all layers: three steps and inference of a network that has each of them give these numbers on every processor that
// has an fma, with every compiler and its options, on any number of threads. (Reference cases say the same of every unit,
// ordering and shortcut: tests/reference.)
#include <doctest/doctest.h>

#include <residua/core/hash.hpp>
#include <residua/inference/engine.hpp>
#include <residua/networks/network.hpp>
#include <residua/testing/numbers.hpp>
#include <residua/training/adamw.hpp>
#include <residua/training/initial.hpp>
#include <residua/training/trainer.hpp>

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
    Conv<16, Groups<4>>, BatchNorm<Real(1e-3), Real(0.2), false>, Relu,
    Conv<16, Groups<2>, WithBias>, Dropout<Real(0.4), DropoutScaling::plain>,
    AveragePool<3, Stride<2>, Padding<1>>,
    Residual<Conv<24, Kernel<3>, Stride<2>>, Subsample<24, 2, Zeros::half_in_front>>,
    Residual<Sequence<Relu, Conv<24>>>,
    Residual<Sequence<BatchNorm<>, Relu, Conv<20>, BatchNorm<>, Relu, Conv<24>>>,
    BatchNorm<>, Relu, GlobalAveragePool, Linear<19>, Silu, Linear<7>>;
// clang-format on

template <class T>
void add(Fnv1a& hash, std::span<const T> values) {
    hash.add(std::as_bytes(values));
}

template <class T, class Optimizer>
std::uint64_t bits(const Optimizer& optimizer, const Threads& threads) {
    using Net = Network<Shape{3, 13, 11}, Layers, Vectorised<T>>;
    constexpr int batch = 5;
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

    const Inference<Net> engine(parameters);
    typename Inference<Net>::template Workspace<batch> workspace(threads);
    add(hash, std::span<const T>(engine(std::span<const T>(images), workspace)));
    return hash.value();
}

// What is to come out, with an fma and without.
std::uint64_t golden(std::uint64_t with_fma, std::uint64_t without) { return RESIDUA_HAS_FMA ? with_fma : without; }

TEST_CASE("all layers give the same bits everywhere") {
    const Sgd sgd{.nesterov = true};
    const std::uint64_t of_floats = golden(10909362626382682333U, 13764336246143560070U);
    CHECK(bits<float>(sgd, 1) == of_floats);
    CHECK(bits<float>(sgd, 3) == of_floats);
    CHECK(bits<double>(AdamW{}, 2) == golden(11560904168553893911U, 1366388930289016308U));
}

}  // namespace
}  // namespace residua
