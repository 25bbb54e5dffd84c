// Compiling is passing: parameters and multiply-adds of the paper's networks (He et al. 2016, tables 1 to 5; He et al. 2015,
// table 1).
#include <residua/networks/cifar.hpp>
#include <residua/networks/imagenet_v2.hpp>

namespace residua {

using namespace cifar;

static_assert(BasicResNet<20>::parameter_count == 269'722);
static_assert(BasicResNet<20, Original>::parameter_count == 269'722);
static_assert(BasicResNet<20, Original, Project>::parameter_count == 272'474);
static_assert(BasicResNet<20, PreActivation, Project>::parameter_count == 272'282);
static_assert(BasicResNet<32>::parameter_count == 464'154);
static_assert(BasicResNet<44>::parameter_count == 658'586);
static_assert(BasicResNet<56>::parameter_count == 853'018);
static_assert(BasicResNet<110>::parameter_count == 1'727'962);
static_assert(SingleResNet<110>::parameter_count == 1'727'962);
static_assert(BottleneckResNet<164, Original>::parameter_count == 1'704'154);
static_assert(BottleneckResNet<164>::parameter_count == 1'703'258);
static_assert(BottleneckResNet<1001, Original>::parameter_count == 10'328'602);
static_assert(BottleneckResNet<1001>::parameter_count == 10'327'706);
static_assert(BottleneckResNet<164, PreActivation, Project, 100>::parameter_count == 1'703'258 + 23'130);
static_assert(BasicResNet<20, PreActivation, ZeroPadding, 100>::parameter_count == 269'722 + 5'850);
static_assert(BasicResNet<1202>::parameter_count > 19'400'000 && BasicResNet<1202>::parameter_count < 19'500'000);

// Millions of multiply-adds, to a tenth.
constexpr bool about(Size macs, double millions) {
    const double difference = static_cast<double>(macs) * 1e-6 - millions;
    return difference < 0.051 && difference > -0.051;
}
static_assert(about(BasicResNet<20>::macs, 40.6));
static_assert(about(BasicResNet<20, Original, Project>::macs, 40.8));
static_assert(about(BasicResNet<32>::macs, 68.9));
static_assert(about(BasicResNet<44>::macs, 97.2));
static_assert(about(BasicResNet<56>::macs, 125.5));
static_assert(about(BasicResNet<110>::macs, 252.9));
static_assert(about(BottleneckResNet<164>::macs, 247.6));
static_assert(about(Network<image, BottleneckSpec<164, Original, Project, 10, 16, StrideIn::first1x1>>::macs, 244.5));
static_assert(about(BottleneckResNet<1001>::macs, 1491.0));
static_assert(about(Network<image, BottleneckSpec<1001, Original, Project, 10, 16, StrideIn::first1x1>>::macs, 1487.8));

// torchvision's counts.
static_assert(imagenet::ResNet<18>::parameter_count == 11'689'512);
static_assert(imagenet::ResNet<34>::parameter_count == 21'797'672);
static_assert(imagenet::ResNet<50>::parameter_count == 25'557'032);
static_assert(imagenet::ResNet<101>::parameter_count == 44'549'160);
static_assert(imagenet::ResNet<152>::parameter_count == 60'192'808);
static_assert(imagenet::ResNet<200>::output == Shape{1000});
static_assert(imagenet::PreActResNet<200>::output == Shape{1000});
static_assert(imagenet::PreActResNet<50>::valid && imagenet::PreActResNet<18>::valid);

static_assert(imagenet::ResNeXt<50, 32, 4>::parameter_count == 25'028'904);
static_assert(imagenet::ResNeXt<101, 32, 8>::parameter_count == 88'791'336);
static_assert(imagenet::ResNeXt<101, 64, 4>::parameter_count == 83'455'272);
static_assert(imagenet::ResNeXt<50, 1, 128>::parameter_count == 68'883'240);  // wide_resnet50_2
static_assert(imagenet::ResNeXt<50, 1, 64>::parameter_count == imagenet::ResNet<50>::parameter_count);
static_assert(imagenet::ResNeXt<50, 32, 4>::macs / 1'000'000 == 4'230);  // 4.23 GFLOPs
static_assert(imagenet::ResNeXt<50, 32, 4>::tensor<"layer2.0.conv2.weight">().dimensions == std::array{256, 8, 3, 3});

// timm's counts, and Keras' but for the statistics, which it adds.
static_assert(imagenet::TimmResNetV2<34>::parameter_count == 21'795'880);
static_assert(imagenet::TimmResNetV2<50>::parameter_count == 25'549'352);
static_assert(imagenet::KerasResNetV2<50>::parameter_count + imagenet::KerasResNetV2<50>::statistic_count == 25'613'800);
static_assert(imagenet::KerasResNetV2<152>::parameter_count + imagenet::KerasResNetV2<152>::statistic_count == 60'380'648);
static_assert(imagenet::TimmResNetV2<34>::tensor<"layer2.0.shortcut.0.weight">().size == 64 * 128);
static_assert(imagenet::KerasResNetV2<50>::tensor<"layer4.0.shortcut.0.bias">().size == 2048);
static_assert(!imagenet::KerasSpec<18>::infer<Signal(imagenet::image)>().ok());

// Hu et al. 2018, section 4: SE-ResNet-50 has 2.5 million parameters more, 28.1 in all.
using SeResNet50 = Network<imagenet::image, imagenet::Spec<50, Original, WithBranchEnd<SqueezeExcite<16>, Project>>>;
static_assert(SeResNet50::parameter_count == 28'088'024);

// Zagoruyko and Komodakis 2016, table 3: 2.7, 36.5 and 8.9 million.
static_assert(WideResNet<16, 4>::parameter_count == 2'748'890);
static_assert(WideResNet<28, 10>::parameter_count == 36'479'194);
static_assert(WideResNet<40, 4, 100>::parameter_count == 8'972'340);

// Options in any order and spelling are one layer.
static_assert(std::is_same_v<At<Conv<16>, Shape{3, 8, 8}, Vectorised<float>>,
                             At<Conv<16, Padding<1>, NoBias, Kernel<3>, Groups<1>, Stride<1>, DrawnWeights>, Shape{3, 8, 8},
                                Vectorised<float>>>);
static_assert(Conv<16, Kernel<5>>::window == Window{5, 1, Margins(2)});
static_assert(Conv<16, Padding<0, 1>, Stride<2>>::window == Window{3, 2, Padding<0, 1>()});
static_assert(MaxPool<3, Padding<1>, Stride<2>>::window == Window{3, 2, 1});
static_assert(AveragePool<2>::window == Window{2, 2, 0});

// Budgets can be a line of code.
static_assert(BottleneckResNet<164>::inference_bytes<1> < 1536 * 1024);

// Odd sizes, one channel, other widths.
static_assert(Network<Shape{1, 29, 27}, BasicSpec<26, BnAfterAddition, CentredZeroPadding, 7, 5>>::output == Shape{7});

// Which orderings leave the path between units untouched.
static_assert(!Original::keeps_identity);
static_assert(!BnAfterAddition::keeps_identity);
static_assert(ReluBeforeAddition::keeps_identity);
static_assert(ReluPreActivation::keeps_identity);
static_assert(PreActivation::keeps_identity);

}  // namespace residua
