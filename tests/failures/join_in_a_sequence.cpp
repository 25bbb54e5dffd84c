// A layer that sees F(x) where there is none.
// expect: expected a layer of one input
// expect: Mine
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/initial.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Mine : KeepsShape {
    template <Signal In, class K>
    struct At : BoundJoin<Mine, In, K> {
        using T = typename K::Scalar;

        template <Mode, class Out>
        static void forward(const Frame<T>&, Input<T>, const T*, Out) {}
        template <class Out>
        static void backward(const Frame<T>&, Unread, const T*, Gradient<T>, T*, Out) {}
    };
};
struct Spec : Sequence<Conv<16>, Mine, GlobalAveragePool, Linear<10>> {};
using Net = Network<Shape{3, 32, 32}, Spec>;

int main() {
    Parameters<Net> parameters;
    Trainer<Net, 8> trainer(parameters);
}
