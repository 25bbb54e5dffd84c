// Something that is not a layer at all, given to the checker of layers.
// expect: this is not a layer
// expect: int
#include <residua/testing/layer_check.hpp>

using namespace residua;

int main() { return testing::check_layer<int, Shape{5, 6, 4}>().ok() ? 0 : 1; }
