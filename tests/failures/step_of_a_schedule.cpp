// A schedule in the place of the rate that it gives.
// expect: a step takes .images, labels, rate., .images, loss, rate., .batch, rate., .batch, loss, rate.
// expect: ExpectStep.*OneCycle
#include <residua/data/batch.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

using Net = cifar::PreActResNet<20>;

void step(Trainer<Net, 8>& trainer, const data::Batch& batch) { trainer.step(batch, OneCycle{}); }
