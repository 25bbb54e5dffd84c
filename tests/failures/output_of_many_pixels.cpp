// A loss on images where it reads one value a class.
// expect: expected an output of one pixel
#include <residua/networks/network.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

using Net = Network<Shape{3, 32, 32}, Sequence<Conv<4>, Relu, Conv<10>>>;

int main() {
    Parameters<Net> parameters;
    Trainer<Net, 8> trainer(parameters);
}
