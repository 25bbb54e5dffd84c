// What a program with a network costs to compile: training, inference, initial weights. -DDEPTH and -DBASIC choose the network.
#include <residua/residua.hpp>

using namespace residua;

#ifdef BASIC
using Net = cifar::BasicResNet<DEPTH>;
#else
using Net = cifar::BottleneckResNet<DEPTH>;
#endif

int main() {
    Parameters<Net> parameters = initialized<Net>();
    Trainer<Net, 128> trainer(parameters);
    const Inference<Net> engine(parameters);
    Inference<Net>::Workspace<16> workspace;
    static float images[128 * 3 * 32 * 32];
    static int labels[128];
    const StepResult result = trainer.step(images, labels, 128, 0.1);
    return static_cast<int>(result.loss + engine(std::span<const float>(images, 16 * 3 * 32 * 32), workspace)[0]);
}
