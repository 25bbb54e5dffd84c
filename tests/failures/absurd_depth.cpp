// More layers than memory could hold.
// expect: more layers than any machine can hold
// expect: layers<2000000>
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/initial.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Spec : Sequence<Conv<16>, Repeat<1'000'000, Residual<Conv<16>>>, GlobalAveragePool, Linear<10>> {};
using Net = Network<Shape{3, 32, 32}, Spec>;

int main() { Parameters<Net> parameters; }
