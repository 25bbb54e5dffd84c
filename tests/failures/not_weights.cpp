// A layer in the place of a unit's weights.
// expect: not the weight layers of a unit
// expect: layer<1>, .*unit<0>
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Spec : Sequence<Conv<16>, Stage<2, Unit<PreActivation, Conv<16>>>, GlobalAveragePool, Linear<10>> {};
using Net = Network<Shape{3, 32, 32}, Spec>;

int main() {
    Parameters<Net> parameters;
    Trainer<Net, 8> trainer(parameters);
    const Inference<Net> engine(parameters);
}
