#include "network_work.hpp"

namespace peers {

void add_resnet18(Catalogue& catalogue) {
    using Net = residua::imagenet::ResNet<18>;
    add_inference<Net, 1>(catalogue, "resnet18");
}

}  // namespace peers
