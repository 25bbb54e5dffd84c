// A trainer of parameters that do not outlive it.
// expect: expected Parameters that a trainer can change, found a constant or a temporary
#include <residua/networks/cifar.hpp>
#include <residua/training/initial.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

using Net = cifar::PreActResNet<20>;

int main() { Trainer<Net, 8> trainer(initialized<Net>()); }
