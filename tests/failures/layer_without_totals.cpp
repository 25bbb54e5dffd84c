// A layer that leaves out what its inner network needs: the threads would have no scratch for its convolution.
// expect: another number of multiply-adds than its totals say
// expect: Mine.*macs<147456>.*macs<0>
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/initial.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Mine : KeepsShape {
    template <Signal In, class K>
    struct At : Bound<Mine, In, K> {
        using T = typename K::Scalar;
        using Inner = residua::At<Conv<4>, In, K>;
        static constexpr Extent extent = Inner::extent;

        template <Mode, class Out>
        static void forward(const Frame<T>&, Input<T>, Out) {}
        template <class Out>
        static void backward(const Frame<T>&, Unread, Unread, Gradient<T>, Out) {}
        static constexpr void describe(Namer& namer) { Inner::describe(namer); }
    };
};
struct Spec : Sequence<Conv<4>, Mine, GlobalAveragePool, Linear<10>> {};
using Net = Network<Shape{3, 32, 32}, Spec>;

int main() {
    Parameters<Net> parameters;
    Trainer<Net, 8> trainer(parameters);
}
