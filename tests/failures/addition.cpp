// A unit of a stage halves the image, its identity shortcut does not.
// expect: branch and shortcut have different shapes and cannot be added
// expect: layer<2>.*\{32, 16, 16\}.*\{16, 32, 32\}
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Widens : Residual<Sequence<Conv<32, Stride<2>>, BatchNorm<>, Relu, Conv<32>>, Identity> {};
struct Spec : Sequence<Conv<16>, Stage<3, Unit<PreActivation, Basic<16>>>, Stage<3, Widens, Unit<PreActivation, Basic<32>>>,
                       GlobalAveragePool, Linear<10>> {};
using Net = Network<Shape{3, 32, 32}, Spec>;

// What a program goes on to do with its network must not add a second error.
static_assert(Net::output == Shape{10});
static_assert(Net::parameter_count == 42'362);
static_assert(Net::training_bytes<128> < 256 * 1024 * 1024);

int main() {
    Parameters<Net> parameters;
    Trainer<Net, 8> trainer(parameters);
    const Inference<Net> engine(parameters);
}
