// An optimizer that does not say how parameters move.
// expect: found a type with some members of an optimizer but not all: .* update\(UpdateAt, ParameterRun<T, states>\) const
// expect: Mine
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Mine {
    static constexpr std::string_view name = "mine";
    static constexpr Size states = 1;

    void check() const {}
    bool decays(Role) const { return true; }
};
using Net = cifar::PreActResNet<20>;

int main() {
    Parameters<Net> parameters;
    Trainer<Net, 8, Mine> trainer(parameters, Mine{});
    trainer.update(0.1);
}
