// A parameter that does not exist, by its name.
// expect: this network has no parameter of that name
#include <residua/networks/cifar.hpp>
#include <residua/networks/parameters.hpp>

using namespace residua;

using Net = cifar::PreActResNet<20>;

int main() {
    Parameters<Net> parameters;
    return static_cast<int>(parameters.tensor<"layer1.7.conv1.weight">().size());
}
