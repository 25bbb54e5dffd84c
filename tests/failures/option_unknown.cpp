// An option of a convolution that a pooling does not have.
// expect: an option is unknown here or given twice
// expect: item<1>.*option<2>
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Spec : Sequence<Conv<16>, MaxPool<3, Stride<2>, Groups<4>>, GlobalAveragePool, Linear<10>> {};
using Net = Network<Shape{3, 32, 32}, Spec>;

static_assert(Net::output == Shape{10});

int main() {
    Parameters<Net> parameters;
    Trainer<Net, 8> trainer(parameters);
    const Inference<Net> engine(parameters);
}
