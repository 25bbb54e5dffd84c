// An optimizer without a name, whose update is not const.
// expect: found a type with some members of an optimizer but not all: name, states, void check
// expect: IsOptimizer<Mine, T>. shows which is missing
// expect: Mine
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Mine {
    static constexpr Size states = 1;

    void check() const {}
    bool decays(Role) const { return true; }
    template <class T>
    void update(UpdateAt, const ParameterRun<T, 1>&) {}
};
using Net = cifar::PreActResNet<20>;

int main() {
    Parameters<Net> parameters;
    Trainer<Net, 8, Mine> trainer(parameters, Mine{});
    trainer.update(0.1);
}
