// A trainer that has nothing to watch with is told to look.
// expect: unit_norms.. and watch.* need the policy WatchUnits, Trainer<Net, 8, WatchUnits>
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

using Net = cifar::PreActResNet<20>;

void look(Trainer<Net, 8>& trainer) { trainer.watch(true); }
