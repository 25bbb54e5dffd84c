// Convolutions of ResNet-18, -34 (basic units) and -50, -101, -152, -200 (bottlenecks) for ImageNet's 224x224 pixels: at batch
// 16, and at batch 1 ("/batch_1").
#include "kernels/conv_fixture.hpp"

namespace {

using namespace bench;

constexpr int images = 16;

// 3x3 convolutions of both kinds of unit, and the projections of basic ones.
void add_basic(const Machine& machine) {
    add_batches<conv(7, 3, 64, 224, 2)>(machine, images);
    add_batches<conv(3, 64, 64, 56)>(machine, images);
    add_batches<conv(3, 128, 128, 28)>(machine, images);
    add_batches<conv(3, 256, 256, 14)>(machine, images);
    add_batches<conv(3, 512, 512, 7)>(machine, images);
    add_batches<conv(3, 64, 128, 56, 2)>(machine, images);
    add_batches<conv(3, 128, 256, 28, 2)>(machine, images);
    add_batches<conv(3, 256, 512, 14, 2)>(machine, images);
    add_batches<conv(1, 64, 128, 56, 2)>(machine, images);
    add_batches<conv(1, 128, 256, 28, 2)>(machine, images);
    add_batches<conv(1, 256, 512, 14, 2)>(machine, images);
}

// (The stride is the 3x3 convolution's.)
void add_bottlenecks(const Machine& machine) {
    add_batches<conv(1, 64, 64, 56)>(machine, images);
    add_batches<conv(1, 64, 256, 56)>(machine, images);
    add_batches<conv(1, 256, 64, 56)>(machine, images);
    add_batches<conv(1, 256, 128, 56)>(machine, images);
    add_batches<conv(3, 128, 128, 56, 2)>(machine, images);
    add_batches<conv(1, 256, 512, 56, 2)>(machine, images);
    add_batches<conv(1, 128, 512, 28)>(machine, images);
    add_batches<conv(1, 512, 128, 28)>(machine, images);
    add_batches<conv(1, 512, 256, 28)>(machine, images);
    add_batches<conv(3, 256, 256, 28, 2)>(machine, images);
    add_batches<conv(1, 512, 1024, 28, 2)>(machine, images);
    add_batches<conv(1, 256, 1024, 14)>(machine, images);
    add_batches<conv(1, 1024, 256, 14)>(machine, images);
    add_batches<conv(1, 1024, 512, 14)>(machine, images);
    add_batches<conv(3, 512, 512, 14, 2)>(machine, images);
    add_batches<conv(1, 1024, 2048, 14, 2)>(machine, images);
    add_batches<conv(1, 512, 2048, 7)>(machine, images);
    add_batches<conv(1, 2048, 512, 7)>(machine, images);
}

}  // namespace

int main(int argc, char** argv) {
    bench::Suite suite(argc, argv);
    const Machine machine;
    machine.note();
    add_basic(machine);
    add_bottlenecks(machine);
    return suite.run([](bench::Bars&) {});
}
