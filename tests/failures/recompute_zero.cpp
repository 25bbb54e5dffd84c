// A recompute policy of zero.
// expect: RecomputeEvery of at least one unit
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

using Net = cifar::PreActResNet<20>;

int main() {
    Parameters<Net> parameters;
    Trainer<Net, 8, RecomputeEvery<0>> trainer(parameters);
}
