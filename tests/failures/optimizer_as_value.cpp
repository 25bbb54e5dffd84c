// An optimizer that is not among the trainer's template arguments, as one comes from PyTorch.
// expect: the optimizer is a template argument, Trainer<Net, 8, AdamW>
// expect: NotTheOptimizer.*AdamW
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

using Net = cifar::PreActResNet<20>;

int main() {
    Parameters<Net> parameters;
    Trainer<Net, 8> trainer(parameters, AdamW{});
}
