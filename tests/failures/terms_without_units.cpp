// Terms of gradients of a network that has no residual units.
// expect: expected a network whose every unit is a Unit<...> that stands in no other layer
#include <residua/analysis/gradient_terms.hpp>

using namespace residua;

using Net = Network<Shape{3, 8, 8}, Sequence<Conv<8>, BatchNorm<>, Relu, GlobalAveragePool, Linear<2>>>;

analysis::GradientTerms<Net, 8> find;
