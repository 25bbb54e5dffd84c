// Groups that do not divide the filters.
// expect: the number of groups must divide the input's channels and the filters
// expect: layer<1>, .*conv<2>.*\{16, 32, 32\}.*groups<16>
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

using Weights = WeightLayers<Conv<16, Kernel<1>>, Conv<24, Groups<16>>, Conv<16, Kernel<1>>>;
struct Spec : Sequence<Conv<16>, Stage<2, Unit<PreActivation, Weights>>, GlobalAveragePool, Linear<10>> {};
using Net = Network<Shape{3, 32, 32}, Spec>;

// What a program goes on to do with its network must not add a second error.
static_assert(Net::output == Shape{10});
static_assert(Net::parameter_count == 42'362);

int main() {
    Parameters<Net> parameters;
    Trainer<Net, 8> trainer(parameters);
    const Inference<Net> engine(parameters);
}
