// Images of double for a network of floats.
// expect: a step takes .images, labels, rate., .images, loss, rate., .batch, rate., .batch, loss, rate.
// expect: ExpectStep.*float.*vector<double
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

#include <vector>

using namespace residua;

using Net = cifar::PreActResNet<20>;

void step(Trainer<Net, 8>& trainer, const std::vector<double>& images, const std::vector<int>& labels) {
    trainer.step(images, labels, 0.1);
}
