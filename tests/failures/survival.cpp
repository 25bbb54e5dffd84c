// A branch that never survives.
// expect: a probability to survive: 0 < p <= 1
// expect: layer<1>, .*unit<0>, .*branch.*survival<
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

using Net = cifar::BasicResNet<20, Original, WithBranchEnd<StochasticDepth<Real(0)>>>;

// What a program goes on to do with its network must not add a second error.
static_assert(Net::output == Shape{10});

int main() {
    Parameters<Net> parameters;
    Trainer<Net, 8> trainer(parameters);
    const Inference<Net> engine(parameters);
}
