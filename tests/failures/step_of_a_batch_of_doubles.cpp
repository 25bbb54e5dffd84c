// A batch of doubles for a network of floats.
// expect: a step takes .images, labels, rate., .images, loss, rate., .batch, rate., .batch, loss, rate.
// expect: ExpectStep.*float.*BatchOf<double>
#include <residua/data/batch.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

using Net = cifar::PreActResNet<20>;

void step(Trainer<Net, 8>& trainer, const data::BatchOf<double>& batch) {
    trainer.step(batch, SoftmaxCrossEntropy{batch.labels}, 0.1);
}
