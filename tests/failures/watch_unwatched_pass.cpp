// The same of a pass.
// expect: unit_norms.. and watch.* need the policy WatchUnits
#include <residua/networks/cifar.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

using Net = cifar::PreActResNet<20>;

void look(TrainingPass<Net, 8>& pass) { pass.watch(true); }
