// A trainer is given the parameters of another network.
// expect: parameters are of another network
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/initial.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

using Net = cifar::PreActResNet<20>;
using Other = cifar::ResNet<110>;

int main() {
    Parameters<Other> parameters = initialized<Other>();
    Trainer<Net, 8> trainer(parameters);
}
