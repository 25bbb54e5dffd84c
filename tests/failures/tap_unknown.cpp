// A tap of a stage that the network does not have.
// expect: this network has no residual unit, and no stage of some, of that name
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>

using namespace residua;

using Net = cifar::PreActResNet<20>;

int main() {
    const Inference<Net, "layer4"> engine{Parameters<Net>()};
    Inference<Net, "layer4">::Workspace<1> workspace;
    return static_cast<int>(workspace.at<"layer4">().size());
}
