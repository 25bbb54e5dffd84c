// A layer with parameters that it does not describe: every later name would be another tensor's.
// expect: another number of values than its extent says
// expect: Mine.*parameters<0>.*parameters<16>
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/initial.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Mine : KeepsShape {
    template <Signal In, class K>
    struct At : Bound<Mine, In, K> {
        using T = typename K::Scalar;
        static constexpr Extent extent{.parameters = static_cast<Size>(In.channels)};

        template <Mode, class Out>
        static void forward(const Frame<T>&, Input<T>, Out) {}
        template <class Out>
        static void backward(const Frame<T>&, Unread, Unread, Gradient<T>, Out) {}
    };
};
struct Spec : Sequence<Conv<16>, Mine, GlobalAveragePool, Linear<10>> {};
using Net = Network<Shape{3, 32, 32}, Spec>;

int main() {
    Parameters<Net> parameters;
    Trainer<Net, 8> trainer(parameters);
}
