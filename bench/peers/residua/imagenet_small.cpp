// 3x3 convolutions of an ImageNet network, on small images.
#include "layer_work.hpp"

namespace peers {

void add_imagenet_small(Catalogue& catalogue) {
    add_layer<256, 14, 256, 3, 1>(catalogue, {16, 1});
    add_layer<512, 7, 512, 3, 1>(catalogue, {16, 1});
}

}  // namespace peers
