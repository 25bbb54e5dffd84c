// A kernel larger than the padded input.
// expect: the kernel is larger than the padded input
// expect: conv<2>.*\{16, 32, 32\}
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Spec : Sequence<Conv<16>, Stage<2, Unit<PreActivation, Basic<16>>>, Conv<16, Kernel<37>, Padding<2>>, GlobalAveragePool,
                       Linear<10>> {};
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
