// Terms of gradients of one network, with parameters of another.
// expect: these parameters are of another network
#include <residua/analysis/gradient_terms.hpp>
#include <residua/networks/cifar.hpp>

using namespace residua;

using Net = cifar::PreActResNet<20>;
using Other = cifar::PreActResNet<32>;

void show(analysis::GradientTerms<Net, 8>& find, const Parameters<Other>& parameters, std::span<const float> images,
          std::span<const int> labels) {
    find(parameters, images, labels);
}
