// What else is 3x3 in a CIFAR network: its stem, and where the dimension changes.
#include "layer_work.hpp"

namespace peers {

void add_cifar_others(Catalogue& catalogue) {
    add_layer<3, 32, 16, 3, 1>(catalogue, {128, 1});
    add_layer<16, 32, 32, 3, 2>(catalogue, {128, 1});
    add_layer<32, 16, 64, 3, 2>(catalogue, {128, 1});
}

}  // namespace peers
