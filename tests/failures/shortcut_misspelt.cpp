// projects, misspelt.
// expect: a member here has nearly
// expect: Mine
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/initial.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Mine {
    template <Shape In, Shape Out, int Stride>
    using Mapping = Conv<Out.channels, Kernel<1>, residua::Stride<Stride>>;

    static constexpr bool project(Shape, Shape, int) { return true; }
};
using Net = Network<Shape{3, 32, 32}, cifar::BasicSpec<20, PreActivation, Mine>>;

int main() { Parameters<Net> parameters; }
