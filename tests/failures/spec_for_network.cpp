// A spec where a network is wanted, in all that a program does with it.
// expect: expected a Network<
// expect: MyNet
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/initial.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct MyNet : Sequence<Conv<16>, GlobalAveragePool, Linear<10>> {};

int main() {
    Parameters<MyNet> parameters = initialized<MyNet>(HeNormal{FanOut{}}, 1);
    Trainer<MyNet, 8> trainer(parameters, Sgd{}, {.threads = 2});
    const Inference<MyNet> engine(parameters);
    Inference<MyNet>::Workspace<4> workspace;
    const float images[1] = {};
    const int labels[1] = {};
    trainer.step(images, labels, 1, 0.1);
}
