// Labels of bytes where they are int.
// expect: a step takes .images, labels, rate., .images, loss, rate., .batch, rate., .batch, loss, rate.
// expect: ExpectStep.*vector<unsigned char
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

#include <cstdint>
#include <vector>

using namespace residua;

using Net = cifar::PreActResNet<20>;

void find(Trainer<Net, 8>& trainer, const std::vector<float>& images, const std::vector<std::uint8_t>& labels) {
    trainer.find_gradients(images, labels);
}
