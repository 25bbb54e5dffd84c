// A trainer of steps without images.
// expect: batch
#include <residua/networks/cifar.hpp>
#include <residua/training/initial.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

using Net = cifar::PreActResNet<20>;

int main() {
    Parameters<Net> parameters = initialized<Net>();
    Trainer<Net, 0> trainer(parameters);
}
