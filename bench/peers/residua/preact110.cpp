#include "network_work.hpp"

namespace peers {

void add_preact110(Catalogue& catalogue) {
    using Net = residua::cifar::PreActResNet<110>;
    add_training<Net, 128>(catalogue, "preact110", true);
    add_inference<Net, 1>(catalogue, "preact110");
}

}  // namespace peers
