// A depth that the family does not have; and a program that computes with the network's sizes.
// expect: no such depth \(CIFAR: 6n\+2
// expect: depth<21>
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/initial.hpp>
#include <residua/training/trainer.hpp>

#include <vector>

using namespace residua;

using Net = cifar::PreActResNet<21>;

static_assert(Net::parameter_count * sizeof(float) + 1024 < 1 << 20);
static_assert(1024 * 1024 > Net::inference_bytes<1> / 2 && (Net::training_bytes<8> >> 20) < 100);

int main() {
    std::vector<float> images(8 * Net::input.size());
    std::vector<float> row(static_cast<Size>(Net::input.width * Net::input.channels));
    Parameters<Net> parameters = initialized<Net>();
    Trainer<Net, 8, RecomputeEvery<2>> trainer(parameters);
    for (int c = 0; c < Net::output.channels; ++c) images[0] += row[0];
    const double millions = 1e-6 * static_cast<double>(Net::macs);
    return static_cast<int>(millions);
}
