// An optimizer that only says how parameters move.
// expect: found a type with some members of an optimizer but not all: name, states, void check
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Mine {
    template <class T>
    void update(UpdateAt, const ParameterRun<T, 2>&) const {}
};
using Net = cifar::PreActResNet<20>;

int main() {
    Parameters<Net> parameters;
    Trainer<Net, 8, Mine> trainer(parameters);
}
