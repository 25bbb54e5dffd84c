// What a step on no images moves.
// expect: a batch holds at least one image, and fits into memory
#include <residua/networks/cifar.hpp>

int main() { return residua::cifar::PreActResNet<20>::training_traffic<0> > 0; }
