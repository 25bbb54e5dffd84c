// A layer that no network takes, given to the checker of layers.
// expect: this is not a layer: it has no template <class Out> static void backward
// expect: Mine
#include <residua/testing/layer_check.hpp>

#include <cstdio>

using namespace residua;

struct Mine : KeepsShape {
    template <Signal In, class K>
    struct At : Bound<Mine, In, K> {
        using T = typename K::Scalar;

        template <Mode, class Out>
        static void forward(const Frame<T>&, Input<T>, Out) {}
    };
};

int main() {
    const auto report = testing::check_layer<Mine, Shape{5, 6, 4}>();
    std::puts(report.text().c_str());
}
