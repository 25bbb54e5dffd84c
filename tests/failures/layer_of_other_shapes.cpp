// A layer bound as another, of other shapes: its memory would be laid out for them.
// expect: expected Bound<Spec, In, K> of this layer
// expect: Mine
#include <residua/inference/engine.hpp>
#include <residua/networks/cifar.hpp>
#include <residua/training/initial.hpp>
#include <residua/training/trainer.hpp>

using namespace residua;

struct Half : KeepsShape {
    static constexpr Outcome output(Shape in) { return Shape{in.channels / 2, in.height, in.width}; }
};
struct Mine : KeepsShape {
    template <Signal In, class K>
    struct At : Bound<Half, In, K> {
        using T = typename K::Scalar;

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
