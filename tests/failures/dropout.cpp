// A probability of one.
// expect: a number here is out of range
// expect: unit<1>, .*shortcut
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Spec : Sequence<Conv<16>, Unit<Original, Basic<16>, DropoutShortcut<Real(1)>>, GlobalAveragePool, Linear<10>> {};
using Net = Network<Shape{3, 32, 32}, Spec>;

int main() {
    Parameters<Net> parameters;
    Trainer<Net, 8> trainer(parameters);
    const Inference<Net> engine(parameters);
}
