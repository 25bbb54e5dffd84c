// No units at all.
// expect: a size here is zero
// expect: units<0>
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Spec : Sequence<Conv<16>, Repeat<0, Unit<PreActivation, Basic<16>>>, GlobalAveragePool, Linear<10>> {};
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
