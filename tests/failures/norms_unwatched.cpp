// Norms at the units, of a trainer that does not watch them.
// expect: unit_norms.. and watch.* need the policy WatchUnits, Trainer<Net, 8, WatchUnits>
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

using Net = cifar::PreActResNet<20>;

double norm(const Trainer<Net, 8>& trainer) { return trainer.unit_norms()[0].signal; }
