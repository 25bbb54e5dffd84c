#include "network_work.hpp"

namespace peers {

void add_original(Catalogue& catalogue) {
    add_training<residua::cifar::ResNet<20>, 128>(catalogue, "original20");
    add_training<residua::cifar::ResNet<110>, 128>(catalogue, "original110", true);
}

}  // namespace peers
