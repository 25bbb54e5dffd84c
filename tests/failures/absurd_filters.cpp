// Sizes whose products would wrap, and a budget that must not be told a lie.
// expect: too large
// expect: conv<1>.*filters<2000000000>
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/initial.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Spec : Sequence<Conv<2000000000>, Conv<2000000000>, GlobalAveragePool, Linear<10>> {};
using Net = Network<Shape{3, 32, 32}, Spec>;

static_assert(Net::parameter_count < 1000);

int main() { Parameters<Net> parameters; }
