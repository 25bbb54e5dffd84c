// The same of one with a unit inside another layer, where no x_l follows from the one before.
// expect: expected a network whose every unit is a Unit<...> that stands in no other layer
#include <residua/analysis/gradient_terms.hpp>

using namespace residua;

using Inner = Unit<PreActivation, Basic<8>>;
using Net = Network<Shape{8, 8, 8}, Sequence<Inner, Residual<Sequence<Inner, Conv<8>>>, GlobalAveragePool, Linear<2>>>;

analysis::GradientTerms<Net, 8> find;
