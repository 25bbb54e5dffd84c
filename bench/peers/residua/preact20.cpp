#include "network_work.hpp"

namespace peers {

void add_preact20(Catalogue& catalogue) {
    using Net = residua::cifar::PreActResNet<20>;
    add_training<Net, 128>(catalogue, "preact20");
    add_training<Net, 16>(catalogue, "preact20");
    add_inference<Net, 1>(catalogue, "preact20");
    add_inference<Net, 128>(catalogue, "preact20");
}

}  // namespace peers
