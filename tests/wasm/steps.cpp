// Steps of training and an inference, as numbers that are exact: the same wherever vectors have no fma.
#include <residua/residua.hpp>

#include <cstdio>
#include <vector>

using namespace residua;

using Net = cifar::PreActResNet<8>;
static_assert(Net::training_bytes<100'000> > (Size{1} << 32), "sizes beyond 32 bits are right on systems of 32 bits, too");

int main() {
    constexpr int batch = 4;
    std::vector<float> images(batch * Net::input_shape.size());
    for (std::size_t i = 0; i < images.size(); ++i) images[i] = static_cast<float>(static_cast<int>(i * 37 % 101) - 50) / 50;
    const std::vector<int> labels{1, 2, 3, 4};

    Parameters<Net> parameters = initialized<Net>(HeNormal{FanOut{}}, /*seed=*/1);
    Trainer<Net, batch> trainer(parameters, Sgd{.momentum = 0.9, .weight_decay = 1e-4});
    for (int step = 0; step < 3; ++step) std::printf("loss %a\n", trainer.step(images, labels, /*rate=*/0.1).loss);

    const Inference<Net> engine(parameters);
    Inference<Net>::Workspace<batch> workspace;
    for (const float logit : engine(images, workspace)) std::printf("%a ", static_cast<double>(logit));
    std::printf("\n");
}
