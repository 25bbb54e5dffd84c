// A user's program that instantiates much of the library: headers.sh compiles it with the warnings that users turn on,
// which must all be silent in our headers. Nothing runs it.
#include <residua/any_network_of.hpp>
#include <residua/data/batches.hpp>
#include <residua/data/cifar.hpp>
#include <residua/data/from_arrays.hpp>
#include <residua/data/idx.hpp>
#include <residua/data/in_order.hpp>
#include <residua/data/split.hpp>
#include <residua/io/safetensors.hpp>
#include <residua/io/weights.hpp>
#include <residua/residua.hpp>
#include <residua/testing/layer_check.hpp>

#include <span>
#include <vector>

namespace {

using namespace residua;

constexpr Shape image{3, 12, 10};

template <class Spec, class K = Vectorised<float>, class Recomputation = KeepAll>
double trained() {
    using Net = Network<image, Spec, K>;
    using T = typename Net::Scalar;
    Parameters<Net> parameters = initialized<Net>(HeNormal{FanIn{}}, 7);
    Trainer<Net, 4, Recomputation> trainer(parameters, Sgd{}, TrainerOptions{2, 3});
    const std::vector<T> images(4 * Net::input_shape.size());
    const int labels[4] = {0, 1, 2, 3};
    const StepResult result = trainer.step(images.data(), labels, 4, 0.1);

    Inference<Net> engine(trainer.parameters());
    engine.update(trainer.parameters());
    typename Inference<Net>::template Workspace<4> workspace(2);
    const auto logits = engine(std::span<const T>(images), workspace);

    double sum = result.loss + static_cast<double>(logits[0]);
    Net::for_each_layer([&](const LayerInfo& info) { sum += static_cast<double>(info.parameters); });
    return sum;
}

// The layers that no network of the paper has.
template <class Order, class Shortcut>
using Others = Sequence<Conv<8, Kernel<5>, WithBias>, BatchNorm<>, Relu, MaxPool<3, Stride<2>, Padding<1>>, Conv<8, Groups<2>>,
                        LeakyRelu<>, Unit<Order, GroupedBottleneck<16, 2, 4, 2>, Shortcut>, AveragePool<2>, Gelu, Silu, Sigmoid,
                        Scale<Real(0.5)>, Residual<Repeat<2, Conv<16>>>, Dropout<Real(0.25)>, GlobalAveragePool, Linear<5>>;

// Every ordering, and every shortcut that cifar::BasicSpec<8> has not. (With a network of each g++ takes 13.4 s for this file,
// with one of all 10.3.)
using EveryUnit =
    Sequence<Original::Stem<Conv<8>>, Unit<Original, Single<8>, ConstantScaling<Real(0.5)>>,
             Unit<BnAfterAddition, Single<8>, ExclusiveGating<>>, Unit<ReluBeforeAddition, Single<8>, ShortcutOnlyGating<>>,
             Unit<ReluPreActivation, Bottleneck<12, 2>, CentredZeroPadding>, Unit<PreActivation, Single<12>, Highway<>>,
             Unit<PreActivation, Single<12>, Conv1x1<>>, Unit<PreActivation, Single<12>, DropoutShortcut<>>, PreActivation::Final,
             GlobalAveragePool, Linear<5>>;

double all_trained() {
    using namespace residua::cifar;
    return trained<BasicSpec<8>>() + trained<BasicSpec<8>, Vectorised<float>, RecomputeEvery<1>>() +
           trained<BasicSpec<8, Original, Project>, PlainLoops<float>>() + trained<EveryUnit, Vectorised<double>>() +
           trained<Others<PreActivation, Project>>() + trained<Others<Original, Project>, PlainLoops<double>>();
}

void from_files_and_back() {
    using Net = Network<Shape{1, 28, 28}, cifar::BasicSpec<8>>;
    const data::Dataset set = data::read_fashion_mnist("data", data::Part::train);
    const data::Dataset colours = data::read_cifar10("data", data::Part::test);
    data::Batches batches(set, data::per_channel(set), {}, 4, 1);
    data::Batches others(colours, data::per_pixel_mean(colours), {}, 4, 1);

    Parameters<Net> parameters;
    io::load(parameters, "weights.safetensors");
    Trainer<Net, 4> trainer(parameters);
    io::load_checkpoint(trainer, "checkpoint", "a run");
    trainer.step(batches.next(), OneCycle{}(trainer.steps_taken()) + WarmUp<Steps>{}(0) + Constant{}(0));
    io::save_checkpoint(trainer, "checkpoint", "a run", "notes");
    io::save(trainer.parameters(), "weights.safetensors");
}

void on_a_part_of_own_arrays(const std::vector<float>& pixels, const std::vector<int>& labels) {
    using Net = Network<image, cifar::BasicSpec<8>, Vectorised<double>>;
    const data::FloatDataset set = data::from_arrays(image, 10, pixels, labels, {});
    const auto [train, held_out] = data::split(set, {.fraction = 0.9}, 1);
    const data::Normalisation normalisation = data::per_channel(train);
    data::BatchesOf<double> batches(train, normalisation, {.pad = 4, .flip = true}, 4, 1);

    Parameters<Net> parameters;
    Trainer<Net, 4> trainer(parameters);
    trainer.step(batches.next(), 0.1);
    const Inference<Net> engine(parameters);
    Inference<Net>::Workspace<4> workspace;
    for (const data::BatchOf<double>& batch : data::InOrderOf<double>(held_out, normalisation, 4))
        engine(batch.images, workspace);
    data::content_hash(data::subset(held_out, {0}));
    data::images_per_class(held_out);
}

}  // namespace

int main() {
    from_files_and_back();
    on_a_part_of_own_arrays({}, {});
    const AnyNetwork any = any_network<cifar::PreActResNet<20>, 8>();
    const testing::GradientError error = testing::gradient_check<Conv<4>, Signal(image)>();
    return all_trained() + error.relative > 0 && any.classes == 10 ? 0 : 1;
}
