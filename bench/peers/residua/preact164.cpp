#include "network_work.hpp"

namespace peers {

void add_preact164(Catalogue& catalogue) {
    using Net = residua::cifar::PreActResNet<164>;
    add_training<Net, 128>(catalogue, "preact164", true);
    add_inference<Net, 1>(catalogue, "preact164");
}

}  // namespace peers
