// A shortcut whose Join is a layer that does not see F(x).
// expect: expected a layer that sees F\(x\) too
// expect: place::shortcut
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/initial.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Mine {
    template <Shape, Shape Out, int By>
    using Join = Conv<Out.channels, Kernel<1>, Stride<By>>;
};
using Net = Network<Shape{3, 32, 32}, cifar::BasicSpec<20, PreActivation, Mine>>;

int main() {
    Parameters<Net> parameters;
    Trainer<Net, 8> trainer(parameters);
}
