// A layer in the place of a unit's ordering.
// expect: this is not an ordering
// expect: unit<1>
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Spec : Sequence<Conv<16>, Unit<BatchNorm<>, Basic<16>>, GlobalAveragePool, Linear<10>> {};
using Net = Network<Shape{3, 32, 32}, Spec>;

int main() {
    Parameters<Net> parameters;
    Trainer<Net, 8> trainer(parameters);
    const Inference<Net> engine(parameters);
}
