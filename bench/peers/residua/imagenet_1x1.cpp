// 1x1 convolutions of an ImageNet network's bottlenecks.
#include "layer_work.hpp"

namespace peers {

void add_imagenet_1x1(Catalogue& catalogue) {
    add_layer<64, 56, 256, 1, 1>(catalogue, {16, 1});
    add_layer<256, 56, 64, 1, 1>(catalogue, {16, 1});
    add_layer<512, 28, 128, 1, 1>(catalogue, {16, 1});
}

}  // namespace peers
