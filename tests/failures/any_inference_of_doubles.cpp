// A table of functions takes images as float.
// expect: any_inference is for networks whose scalar is float
#include <residua/any_inference_of.hpp>

using namespace residua;

using Net = Network<Shape{3, 32, 32}, Sequence<Conv<4>, GlobalAveragePool, Linear<3>>, Vectorised<double>>;

int main() { return any_inference<Net, 8>().classes; }
