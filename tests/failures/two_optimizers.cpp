// Two policies for one thing.
// expect: two policies of training say the same thing in two ways
// expect: Sgd.*AdamW
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

using Net = cifar::PreActResNet<20>;

int main() {
    Parameters<Net> parameters;
    Trainer<Net, 8, Sgd, RecomputeEvery<1>, AdamW> trainer(parameters);
}
