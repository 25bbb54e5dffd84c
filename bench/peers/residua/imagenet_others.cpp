// The stem of an ImageNet network, and a 3x3 convolution where the dimension changes.
#include "layer_work.hpp"

namespace peers {

void add_imagenet_others(Catalogue& catalogue) {
    add_layer<3, 224, 64, 7, 2>(catalogue, {16, 1});
    add_layer<64, 56, 128, 3, 2>(catalogue, {16, 1});
}

}  // namespace peers
