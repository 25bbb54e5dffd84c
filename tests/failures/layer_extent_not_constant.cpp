// A layer whose sizes are no constants.
// expect: expected static constexpr members in this layer
// expect: Mine
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/initial.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Mine {
    static constexpr Outcome output(Shape in) { return in; }

    template <Signal In, class K>
    struct At : Bound<Mine, In, K> {
        using T = typename K::Scalar;
        static inline Extent extent{};

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
