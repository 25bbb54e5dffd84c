// A shape of two numbers.
// expect: a shape is Shape\{channels, height, width\}
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/initial.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

using Net = Network<Shape{32, 32}, Sequence<Conv<16>, GlobalAveragePool, Linear<10>>>;

static_assert(Net::output == Shape{10});

int main() {
    Parameters<Net> parameters;
    Trainer<Net, 8> trainer(parameters);
}
