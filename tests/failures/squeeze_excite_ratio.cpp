// Squeeze-and-excitation by nothing.
// expect: a size here is zero, negative or too large
// expect: layer<1>, .*unit<0>, .*branch.*ratio<0>
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

using Net = cifar::BasicResNet<20, Original, WithBranchEnd<SqueezeExcite<0>>>;

// What a program goes on to do with its network must not add a second error.
static_assert(Net::output == Shape{10});

int main() {
    Parameters<Net> parameters;
    Trainer<Net, 8> trainer(parameters);
    const Inference<Net> engine(parameters);
}
