// A shortcut where a network of a family expects an ordering.
// expect: ordering
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/initial.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

using Net = cifar::BasicResNet<20, Project>;

int main() {
    Parameters<Net> parameters;
    Trainer<Net, 8> trainer(parameters);
}
