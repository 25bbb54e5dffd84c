// The convolutions that a CIFAR network consists of.
#include "layer_work.hpp"

namespace peers {

void add_cifar_squares(Catalogue& catalogue) {
    add_layer<16, 32, 16, 3, 1>(catalogue, {128, 1});
    add_layer<32, 16, 32, 3, 1>(catalogue, {128, 1});
    add_layer<64, 8, 64, 3, 1>(catalogue, {128, 1});
}

}  // namespace peers
