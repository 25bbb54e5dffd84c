#include "matrix.hpp"

namespace residua::inline RESIDUA_ISA::testing {

// Layers at the end of F, on both kinds of paths; and orderings without batch normalisation.
using Excited = WithBranchEnd<LearnedScale<Real(0.8)>, WithBranchEnd<SqueezeExcite<2>, Project>>;
using ExcitedAndGated = WithBranchEnd<SqueezeExcite<2>, ExclusiveGating<Real(-1)>>;

TEST_CASE("branches that end with a layer") {
    check_unit<Original, Basic, Excited>();
    check_unit<PreActivation, Basic, ExcitedAndGated>();
    check_unit<PreActivationWithoutBatchNorm, Basic, WithBranchEnd<StochasticDepth<Real(0.7)>>>();
    check_unit<OriginalWithoutBatchNorm, Single, Conv1x1<ZeroPadding, IdentityWeights>>();
}
TEST_CASE_TEMPLATE("networks without batch normalisation", Order, OriginalWithoutBatchNorm, PreActivationWithoutBatchNorm) {
    check_network<Order, Basic>();
}

}  // namespace residua::inline RESIDUA_ISA::testing
