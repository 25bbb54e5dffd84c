// A unit without a weight layer.
// expect: not the weight layers of a unit
// expect: unit<1>
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Spec : Sequence<Conv<16>, Unit<PreActivation, WeightLayers<>>, GlobalAveragePool, Linear<10>> {};
using Net = Network<Shape{3, 32, 32}, Spec>;

int main() {
    Parameters<Net> parameters;
    Trainer<Net, 8> trainer(parameters);
    const Inference<Net> engine(parameters);
}
