// A layer that describes nothing: no list of layers would show it, and a checkpoint of another network would load.
// expect: expected this layer's describe.* to say that it is there
// expect: Mine
#include <residua/networks/network.hpp>

using namespace residua;

struct Mine : KeepsShape {
    template <Signal In, class K>
    struct At : Bound<Mine, In, K> {
        using T = typename K::Scalar;

        template <Mode, class Out>
        static void forward(const Frame<T>&, Input<T>, Out) {}
        template <class Out>
        static void backward(const Frame<T>&, Unread, Unread, Gradient<T>, Out) {}
    };
};

int main() { return Network<Shape{3, 32, 32}, Sequence<Conv<4>, Mine>>::parameter_count > 0; }
