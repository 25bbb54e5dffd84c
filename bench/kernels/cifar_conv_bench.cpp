// Convolutions of the paper's CIFAR networks, of basic units (ResNet-20, -110) and of bottlenecks (ResNet-164), and grouped ones:
// at batch 128, and at batch 1 ("/batch_1").
#include "kernels/conv_fixture.hpp"

namespace {

using namespace bench;

constexpr int images = 128;

void add_basic(const Machine& machine, Total& direct, Total& winograd) {
    add_batches<conv(3, 16, 16, 32)>(machine, images, "16ch_32x32", &direct, &winograd);
    add_batches<conv(3, 32, 32, 16)>(machine, images, "32ch_16x16", &direct, &winograd);
    add_batches<conv(3, 64, 64, 8)>(machine, images, "64ch_8x8", &direct, &winograd);
    add_batches<conv(3, 3, 16, 32)>(machine, images, "stem_3_to_16ch");
    add_batches<conv(3, 16, 32, 32, 2)>(machine, images, "16_to_32ch_stride2");
    add_batches<conv(3, 32, 64, 16, 2)>(machine, images, "32_to_64ch_stride2");
    add_batches<conv(1, 16, 32, 32, 2)>(machine, images);
    add_batches<conv(1, 32, 64, 16, 2)>(machine, images);
}

// (The stride is the 3x3 convolution's.)
void add_bottlenecks(const Machine& machine) {
    add_batches<conv(1, 16, 16, 32)>(machine, images);
    add_batches<conv(1, 16, 64, 32)>(machine, images);
    add_batches<conv(1, 64, 16, 32)>(machine, images);
    add_batches<conv(1, 64, 32, 32)>(machine, images);
    add_batches<conv(3, 32, 32, 32, 2)>(machine, images);
    add_batches<conv(1, 64, 128, 32, 2)>(machine, images);
    add_batches<conv(1, 32, 128, 16)>(machine, images);
    add_batches<conv(1, 128, 32, 16)>(machine, images);
    add_batches<conv(1, 128, 64, 16)>(machine, images);
    add_batches<conv(3, 64, 64, 16, 2)>(machine, images);
    add_batches<conv(1, 128, 256, 16, 2)>(machine, images);
    add_batches<conv(1, 64, 256, 8)>(machine, images);
    add_batches<conv(1, 256, 64, 8)>(machine, images);
}

void add_groups(const Machine& machine) {
    add_batches<conv(3, 128, 128, 14, 1, 32)>(machine, images, "128ch_14x14_32_groups_of_4");
    add_batches<conv(3, 128, 128, 14, 1, 2)>(machine, images, "128ch_14x14_2_groups_of_64");
    add_batches<conv(3, 96, 96, 14, 1, 8)>(machine, images, "96ch_14x14_8_groups_of_12");
    add_batches<conv(3, 128, 128, 14, 1, 128)>(machine, images, "128ch_14x14_depthwise");
}

}  // namespace

int main(int argc, char** argv) {
    bench::Suite suite(argc, argv);
    const Machine machine;
    machine.note();
    Total direct;
    Total winograd;
    add_basic(machine, direct, winograd);
    add_bottlenecks(machine);
    add_groups(machine);
    return suite.run([&](bench::Bars& bars) {
        const double rate = direct.flops / direct.seconds;
        bars.at_least("direct_passes_percent_of_peak", 100 * rate / std::max(machine.peak, bench::fma_peak()), 90);
        bars.at_least("winograd_over_direct", winograd.flops / winograd.seconds / rate, 2);
    });
}
