// The paper's networks, written out as types, and what the compiler knows of them. Prints a table.
//
//   build:  cmake --preset release && cmake --build --preset release --target paper_networks
#include <residua/residua.hpp>

#include <cstdio>

using namespace residua;

// ResNet-110 in its original form: 54 units of two 3x3 convolutions, BN and ReLU after each, ReLU after the addition.
// clang-format off
struct ResNet110 : Sequence<
    Original::Stem<Conv<16>>,
    Stage<18, Unit<Original, Basic<16>>>,
    Stage<18, Unit<Original, Basic<32, 2>>, Unit<Original, Basic<32>>>,
    Stage<18, Unit<Original, Basic<64, 2>>, Unit<Original, Basic<64>>>,
    GlobalAveragePool,
    Linear<10>> {};
// clang-format on

// ResNet-164 with full pre-activation: bottlenecks. The activation stands before each weight layer, so one more (Final) stands
// before the pooling; and nothing stands after the addition: equation (3).
// clang-format off
struct ResNet164 : Sequence<
    PreActivation::Stem<Conv<16>>,
    Stage<18, Unit<PreActivation, Bottleneck<64>, Project>>,
    Stage<18, Unit<PreActivation, Bottleneck<128, 2>, Project>, Unit<PreActivation, Bottleneck<128>, Project>>,
    Stage<18, Unit<PreActivation, Bottleneck<256, 2>, Project>, Unit<PreActivation, Bottleneck<256>, Project>>,
    PreActivation::Final,
    GlobalAveragePool,
    Linear<10>> {};
// clang-format on

// ResNet-1001 is the same with 111 units a stage. It costs the compiler no more: a Stage is one unit and a loop.
// clang-format off
struct ResNet1001 : Sequence<
    PreActivation::Stem<Conv<16>>,
    Stage<111, Unit<PreActivation, Bottleneck<64>, Project>>,
    Stage<111, Unit<PreActivation, Bottleneck<128, 2>, Project>, Unit<PreActivation, Bottleneck<128>, Project>>,
    Stage<111, Unit<PreActivation, Bottleneck<256, 2>, Project>, Unit<PreActivation, Bottleneck<256>, Project>>,
    PreActivation::Final,
    GlobalAveragePool,
    Linear<10>> {};
// clang-format on

// ImageNet's ResNet-50, in its original form.
// clang-format off
struct ResNet50 : Sequence<
    Conv<64, Kernel<7>, Stride<2>>, BatchNorm<>, Relu, MaxPool<3, Stride<2>, Padding<1>>,
    Stage<3, Unit<Original, Bottleneck<256>, Project>>,
    Stage<4, Unit<Original, Bottleneck<512, 2>, Project>, Unit<Original, Bottleneck<512>, Project>>,
    Stage<6, Unit<Original, Bottleneck<1024, 2>, Project>, Unit<Original, Bottleneck<1024>, Project>>,
    Stage<3, Unit<Original, Bottleneck<2048, 2>, Project>, Unit<Original, Bottleneck<2048>, Project>>,
    GlobalAveragePool,
    Linear<1000>> {};
// clang-format on

constexpr Shape cifar_image{3, 32, 32};
constexpr Shape imagenet_image{3, 224, 224};

// They are the same networks as those that can be had by name.
static_assert(Network<cifar_image, ResNet110>::parameter_count == cifar::ResNet<110>::parameter_count);
static_assert(Network<cifar_image, ResNet164>::parameter_count == cifar::PreActResNet<164>::parameter_count);
static_assert(Network<cifar_image, ResNet1001>::parameter_count == cifar::PreActResNet<1001>::parameter_count);
static_assert(Network<imagenet_image, ResNet50>::parameter_count == imagenet::ResNet<50>::parameter_count);

template <class Net>
void row(const char* name) {
    const auto mebibytes = [](Size bytes) { return static_cast<double>(bytes) / (1 << 20); };
    std::printf("%-28s %10zu %8.1f %10.2f %10.2f %12.2f\n", name, static_cast<Size>(Net::parameter_count),
                static_cast<double>(Net::macs) * 1e-6, mebibytes(Net::template inference_bytes<1>),
                mebibytes(Net::template training_bytes<1>), mebibytes(Net::template training_bytes<1, RecomputeEvery<11>>));
}

int main() {
    std::printf("%-28s %10s %8s %10s %10s %12s\n", "", "", "M mult-", "MiB an image:", "", "recomputing");
    std::printf("%-28s %10s %8s %10s %10s %12s\n", "network", "parameters", "adds", "inference", "training", "every 11");
    row<Network<cifar_image, ResNet110>>("ResNet-110, original");
    row<Network<cifar_image, ResNet164>>("ResNet-164, pre-activation");
    row<Network<cifar_image, ResNet1001>>("ResNet-1001, pre-activation");
    row<Network<imagenet_image, ResNet50>>("ResNet-50 (ImageNet)");
}
