#include "network_work.hpp"

namespace peers {

void add_resnet50(Catalogue& catalogue) {
    using Net = residua::imagenet::ResNet<50>;
    add_inference<Net, 1>(catalogue, "resnet50");
    add_inference<Net, 32>(catalogue, "resnet50", true);
    add_training<Net, 16>(catalogue, "resnet50", true);
}

}  // namespace peers
