// A faulty layer on a shortcut that the user wrote.
// expect: the kernel is larger than the padded input
// expect: shortcut
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Bad {
    template <Shape In, Shape Out, int By>
    using Mapping = Sequence<Conv<Out.channels, Kernel<99>, Stride<By>, Padding<0>>, BatchNorm<>>;
};
struct Spec
    : Sequence<Conv<16>, Stage<2, Unit<Original, Basic<32, 2>, Bad>, Unit<Original, Basic<32>>>, GlobalAveragePool, Linear<10>> {
};
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
