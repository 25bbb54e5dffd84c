// 3x3 convolutions of an ImageNet network, on large images.
#include "layer_work.hpp"

namespace peers {

void add_imagenet_large(Catalogue& catalogue) {
    add_layer<64, 56, 64, 3, 1>(catalogue, {16, 1});
    add_layer<128, 28, 128, 3, 1>(catalogue, {16, 1});
}

}  // namespace peers
