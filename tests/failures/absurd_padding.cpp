// Padding that would overflow an int.
// expect: too large
// expect: conv<1>.*padding<2147483647>
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/initial.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Spec : Sequence<Conv<16, Padding<2147483647>>, GlobalAveragePool, Linear<10>> {};
using Net = Network<Shape{3, 32, 32}, Spec>;

int main() { Parameters<Net> parameters; }
