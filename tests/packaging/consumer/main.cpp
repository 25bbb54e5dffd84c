#include <residua/residua.hpp>

#include <cstdio>

using namespace residua;

struct MyNet : Sequence<PreActivation::Stem<Conv<16>>, Stage<2, Unit<PreActivation, Basic<16>>>,
                        Stage<2, Unit<PreActivation, Basic<32, 2>>, Unit<PreActivation, Basic<32>>>, PreActivation::Final,
                        GlobalAveragePool, Linear<10>> {};
using Net = Network<Shape{1, 28, 28}, MyNet>;
static_assert(Net::output == Shape{10} && Net::parameter_count == 42'362);

int main() { std::printf("%zu parameters\n", static_cast<Size>(Net::parameter_count)); }
