// A repeated unit whose output is not its input.
// expect: only a unit that keeps its shape can be repeated
// expect: unit<0>.*\{16, 32, 32\}.*\{32, 16, 16\}
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Halves : Residual<Sequence<Conv<32, Stride<2>>, BatchNorm<>, Relu, Conv<32>>, ZeroPadding> {};
struct Spec : Sequence<Conv<16>, Repeat<3, Halves>, GlobalAveragePool, Linear<10>> {};
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
