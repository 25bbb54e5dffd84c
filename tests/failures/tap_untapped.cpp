// A unit that the engine's type does not tap.
// expect: expected one of the names that the engine's type taps
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>

using namespace residua;

using Net = cifar::PreActResNet<20>;

int main() {
    Inference<Net, "layer2">::Workspace<1> workspace;
    return static_cast<int>(workspace.at<"layer1">().size());
}
