// Convolutions of wide CIFAR networks (WRN-16-4, WRN-28-10) that the paper's do not have: at batch 128, and at batch 1
// ("/batch_1").
#include "kernels/conv_fixture.hpp"

namespace {

using namespace bench;

constexpr int images = 128;

template <int Widen>
void add_network(const Machine& machine) {
    constexpr int a = 16 * Widen;
    constexpr int b = 32 * Widen;
    constexpr int c = 64 * Widen;
    add_batches<conv(3, 16, a, 32)>(machine, images);
    add_batches<conv(3, a, a, 32)>(machine, images);
    add_batches<conv(3, a, b, 32, 2)>(machine, images);
    add_batches<conv(3, b, b, 16)>(machine, images);
    add_batches<conv(3, b, c, 16, 2)>(machine, images);
    add_batches<conv(3, c, c, 8)>(machine, images);
    add_batches<conv(1, 16, a, 32)>(machine, images);
    add_batches<conv(1, a, b, 32, 2)>(machine, images);
    add_batches<conv(1, b, c, 16, 2)>(machine, images);
}

}  // namespace

int main(int argc, char** argv) {
    bench::Suite suite(argc, argv);
    const Machine machine;
    machine.note();
    add_network<4>(machine);
    add_network<10>(machine);
    return suite.run([](bench::Bars&) {});
}
