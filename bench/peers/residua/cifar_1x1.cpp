// The 1x1 convolutions of a CIFAR network's bottlenecks.
#include "layer_work.hpp"

namespace peers {

void add_cifar_1x1(Catalogue& catalogue) {
    add_layer<64, 32, 16, 1, 1>(catalogue, {128, 1});
    add_layer<16, 32, 64, 1, 1>(catalogue, {128, 1});
}

}  // namespace peers
