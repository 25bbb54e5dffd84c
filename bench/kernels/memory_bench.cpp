// What moves more than it computes: batch normalisation, ReLU, additions, pooling, shortcuts, the linear layer, optimizers; on
// one core, in GB/s and percent of the roof. Shapes are those of the paper's networks, at batch 128 (CIFAR) or 16 (ImageNet), and
// at batch 1 ("/batch_1"), where everything stays in a cache.
#include "support/roof.hpp"

#include <residua/core/buffer.hpp>
#include <residua/kernels/vectorised.hpp>
#include <residua/training/adamw.hpp>
#include <residua/training/sgd.hpp>

#include <benchmark/benchmark.h>

#include <cmath>
#include <string>

namespace {

using namespace residua;
using namespace bench;
using K = Vectorised<float>;

// Images of two shapes, of which most kernels know one; and what stands beside them, long enough for any channels.
struct Operands {
    Shape in, out;
    int images;
    float *x, *y, *dx, *dy;  // x and dx are of `in`
    float* channels[7];      // scale, shift, mean, inverse and three more
    double* sums;

    Range blocks() const { return {0, blocks_of(in.channels, K::lanes)}; }
};
using Call = void (*)(const Operands&);

// f(image's place in x, image's place in y)
template <class F>
void each_image(const Operands& o, F f) {
    for (int i = 0; i < o.images; ++i)
        f(static_cast<Size>(i) * stored(o.in, K::lanes), static_cast<Size>(i) * stored(o.out, K::lanes));
}

// What is measured, and how often it reads and writes images of the shapes in and out.
struct Kernel {
    const char* name;
    Call call;
    double reads_in = 0, reads_out = 0, writes_in = 0, writes_out = 0;
};

Buffer<float> values(Size size) {
    Buffer<float> buffer(size);
    for (Size i = 0; i < size; ++i) buffer.data()[i] = static_cast<float>(std::sin(static_cast<double>(i % 4099)));
    return buffer;
}

// body(turns, state) makes its operands, and returns the seconds of a call.
template <class Body>
void add_benchmark(const Machine& machine, const std::string& name, const Work& work, Body body) {
    const Turns turns(machine, work, 0.05);
    const auto run = [&machine, work, turns, body](benchmark::State& state) { report(state, machine, work, body(turns, state)); };
    benchmark::RegisterBenchmark(name.c_str(), run)->Unit(benchmark::kMicrosecond)->Iterations(turns.iterations);
}

double seconds_of(const Turns& turns, benchmark::State& state, const Kernel& kernel, Shape in, Shape out, int images) {
    const Size n = static_cast<Size>(images);
    Buffer<float> x = values(n * stored(in, K::lanes)), dx(x.size());
    Buffer<float> y = values(n * stored(out, K::lanes)), dy = values(y.size());
    const Size wide = static_cast<Size>(padded(std::max(in.channels, out.channels), K::lanes));
    Buffer<float> channels = values(7 * wide);
    Buffer<double> sums(2 * wide);
    Operands o{in, out, images, x.data(), y.data(), dx.data(), dy.data(), {}, sums.data()};
    for (Size i = 0; i < 7; ++i) o.channels[i] = channels.data() + i * wide;
    return turns.fastest_call(state, [&] { kernel.call(o); });
}

void add(const Machine& machine, const Kernel& kernel, const std::string& shape, Shape in, Shape out, int images) {
    const auto add_batch = [&](int n, const char* suffix) {
        const double of_in = 4.0 * n * static_cast<double>(stored(in, K::lanes));
        const double of_out = 4.0 * n * static_cast<double>(stored(out, K::lanes));
        const Work work{.read = kernel.reads_in * of_in + kernel.reads_out * of_out,
                        .written = kernel.writes_in * of_in + kernel.writes_out * of_out};
        add_benchmark(machine, kernel.name + ("/" + shape) + suffix, work,
                      [=](const Turns& turns, benchmark::State& state) { return seconds_of(turns, state, kernel, in, out, n); });
    };
    add_batch(images, "");
    add_batch(1, "/batch_1");
}

// Each value where it lies.
const Kernel in_place[] = {
    {"bn_moments",
     [](const Operands& o) { each_image(o, [&](Size at, Size) { K::moments(o.x + at, o.in, o.blocks(), o.channels[0]); }); }, 1},
    {"bn_relu",
     [](const Operands& o) {
         each_image(o, [&](Size at, Size) {
             K::affine<true, false>(o.x + at, o.in, o.blocks(), o.channels[0], o.channels[1], o.y + at);
         });
     },
     1, 0, 0, 1},
    {"bn_relu_gradient_sums",
     [](const Operands& o) {
         each_image(o, [&](Size at, Size) {
             K::affine_gradient_sums<true>(o.x + at, o.dy + at, o.in, o.blocks(), o.channels[2], o.channels[3], o.channels[0],
                                           o.channels[1], o.sums);
         });
     },
     1, 1},
    {"bn_relu_gradient",
     [](const Operands& o) {
         each_image(o, [&](Size at, Size) {
             K::affine_gradient<true, false>(o.x + at, o.dy + at, o.in, o.blocks(), o.channels[0], o.channels[1], o.channels[4],
                                             o.channels[5], o.channels[6], o.dx + at);
         });
     },
     1, 1, 1},
    {"relu",
     [](const Operands& o) {
         each_image(o, [&](Size at, Size) { K::map<false>(o.x + at, o.in, o.blocks(), o.y + at, kernels::functions::Relu{}); });
     },
     1, 0, 0, 1},
    {"relu_gradient",
     [](const Operands& o) {
         each_image(o, [&](Size at, Size) {
             K::map_gradient<false>(o.y + at, o.dy + at, o.in, o.blocks(), o.dx + at, kernels::functions::Relu{});
         });
     },
     0, 2, 1},
    {"addition",
     [](const Operands& o) {
         each_image(o, [&](Size at, Size) { K::map<true>(o.x + at, o.in, o.blocks(), o.y + at, kernels::functions::Copy{}); });
     },
     1, 0, 0, 1},
};

const Kernel global_average[] = {
    {"global_average",
     [](const Operands& o) {
         each_image(o, [&](Size from, Size to) { K::global_average<false>(o.x + from, o.in, o.blocks(), o.y + to); });
     },
     1, 0, 0, 1},
    {"global_average_gradient",
     [](const Operands& o) {
         each_image(o, [&](Size to, Size from) { K::global_average_gradient<false>(o.dy + from, o.in, o.blocks(), o.dx + to); });
     },
     0, 1, 1},
};

constexpr Window stem_pool{3, 2, 1};
const Kernel max_pool[] = {
    {"max_pool_3x3_stride2",
     [](const Operands& o) {
         each_image(o, [&](Size from, Size to) { K::max_pool<false>(o.x + from, o.in, o.out, stem_pool, o.blocks(), o.y + to); });
     },
     1, 0, 0, 1},
    {"max_pool_3x3_stride2_gradient",
     [](const Operands& o) {
         each_image(o, [&](Size to, Size from) {
             K::max_pool_gradient<false>(o.x + to, o.dy + from, o.in, o.out, stem_pool, o.blocks(), o.dx + to);
         });
     },
     1, 1, 1},
};

constexpr Window halves{2, 2, 0};
const Kernel average_pool[] = {
    {"average_pool_2x2",
     [](const Operands& o) {
         each_image(o,
                    [&](Size from, Size to) { K::average_pool<false>(o.x + from, o.in, o.out, halves, o.blocks(), o.y + to); });
     },
     1, 0, 0, 1},
    {"average_pool_2x2_gradient",
     [](const Operands& o) {
         each_image(o, [&](Size to, Size from) {
             K::average_pool_gradient<false>(o.dy + from, o.in, o.out, halves, o.blocks(), o.dx + to);
         });
     },
     0, 1, 1},
};

// Option A (zeros behind) and A2 (half of them in front): a quarter of x, in lines.
template <bool Front>
constexpr int in_front(const Operands& o) {
    return Front ? (o.out.channels - o.in.channels) / 2 : 0;
}
template <bool Front>
void subsample(const Operands& o) {
    each_image(o, [&](Size from, Size to) { K::subsample<false>(o.x + from, o.in, o.out, 2, in_front<Front>(o), o.y + to); });
}
template <bool Front>
void subsample_gradient(const Operands& o) {
    each_image(
        o, [&](Size to, Size from) { K::subsample_gradient<false>(o.dy + from, o.in, o.out, 2, in_front<Front>(o), o.dx + to); });
}
const Kernel zero_padding[] = {
    {"shortcut_a", subsample<false>, 0.25, 0, 0, 1},
    {"shortcut_a_gradient", subsample_gradient<false>, 0, 0.5, 1},
    {"shortcut_a2", subsample<true>, 0.25, 0, 0, 1},
    {"shortcut_a2_gradient", subsample_gradient<true>, 0, 0.5, 1},
};

template <Size Count>
void add_all(const Machine& machine, const Kernel (&kernels)[Count], const std::string& shape, Shape in, Shape out, int images) {
    for (const Kernel& kernel : kernels) add(machine, kernel, shape, in, out, images);
}

// Of images of one pixel.
double seconds_of_linear(const Turns& turns, benchmark::State& state, int inputs, int outputs, int n, bool gradient) {
    const Size pitch = static_cast<Size>(padded(outputs, K::lanes));
    const Size weights = static_cast<Size>(inputs) * static_cast<Size>(outputs);
    Buffer<float> x = values(static_cast<Size>(n * inputs)), dx(x.size());
    Buffer<float> y = values(static_cast<Size>(n) * pitch), bias(pitch), dbias(pitch);
    Buffer<float> w = values(weights), dw(weights);
    const Team team;
    const Shape in(inputs);
    if (gradient) {
        return turns.fastest_call(state, [&] {
            K::linear_gradient<false>(team, n, x.data(), y.data(), in, outputs, w.data(), dw.data(), dbias.data(), dx.data(),
                                      nullptr);
        });
    }
    return turns.fastest_call(
        state, [&] { K::linear<false>(team, n, x.data(), in, outputs, w.data(), bias.data(), y.data(), nullptr); });
}

void add_linear(const Machine& machine, int inputs, int outputs, int images) {
    const auto add_pass = [&](const char* pass, bool gradient, int n) {
        const double w = 4.0 * inputs * outputs;
        const double x = 4.0 * n * inputs;
        const double y = 4.0 * n * padded(outputs, K::lanes);
        const double flops = 2.0 * n * inputs * outputs;
        const Work work = gradient ? Work{.flops = 2 * flops, .read = w + x + y, .written = w + x}
                                   : Work{.flops = flops, .read = w + x, .written = y};
        const std::string name = "linear_" + std::to_string(inputs) + "_to_" + std::to_string(outputs) + pass;
        add_benchmark(machine, name + (n == 1 ? "/batch_1" : ""), work, [=](const Turns& turns, benchmark::State& state) {
            return seconds_of_linear(turns, state, inputs, outputs, n, gradient);
        });
    };
    for (const int n : {images, 1}) {
        add_pass("/forward", false, n);
        add_pass("/gradient", true, n);
    }
}

// In runs, as a Trainer has them.
template <class Optimizer>
double seconds_of_update(const Turns& turns, benchmark::State& state, Size parameters) {
    constexpr Size states = Optimizer::states;
    Buffer<float> p = values(parameters), gradients = values(parameters);
    Buffer<float> kept[states];
    for (Buffer<float>& of : kept) of = Buffer<float>(parameters);
    const Optimizer optimizer{};
    return turns.fastest_call(state, [&] {
        for (Size at = 0; at < parameters; at += longest_run) {
            ParameterRun<float, states> run;
            run.size = std::min(longest_run, parameters - at);
            run.parameters = p.data() + at;
            run.gradients = gradients.data() + at;
            for (Size i = 0; i < states; ++i) run.states[i] = kept[i].data() + at;
            optimizer.update({1e-3, 1}, run);
        }
    });
}
template <class Optimizer>
void add_optimizer(const Machine& machine, const std::string& network, Size parameters) {
    const double bytes = 4.0 * static_cast<double>(parameters);
    add_benchmark(
        machine, std::string(Optimizer::name) + "/" + network, {.read = bytes, .written = bytes * (1 + Optimizer::states)},
        [=](const Turns& turns, benchmark::State& state) { return seconds_of_update<Optimizer>(turns, state, parameters); });
}

void add_cifar(const Machine& machine) {
    constexpr int images = 128;
    const Shape shapes[] = {{16, 32, 32}, {32, 16, 16}, {64, 8, 8}, {64, 32, 32}, {128, 16, 16}, {256, 8, 8}};
    for (const Shape s : shapes) {
        const std::string name = std::to_string(s.channels) + "ch_" + std::to_string(s.width) + "x" + std::to_string(s.width);
        add_all(machine, in_place, name, s, s, images);
    }
    add_all(machine, zero_padding, "16_to_32ch_32x32", {16, 32, 32}, {32, 16, 16}, images);
    add_all(machine, zero_padding, "32_to_64ch_16x16", {32, 16, 16}, {64, 8, 8}, images);
    add_all(machine, average_pool, "16ch_32x32", {16, 32, 32}, {16, 16, 16}, images);
    add_all(machine, global_average, "64ch_8x8", {64, 8, 8}, Shape(64), images);
    add_all(machine, global_average, "256ch_8x8", {256, 8, 8}, Shape(256), images);
    add_linear(machine, 64, 10, images);
    add_linear(machine, 256, 10, images);
    add_optimizer<Sgd>(machine, "resnet20", 269'722);
    add_optimizer<AdamW>(machine, "resnet20", 269'722);
}

void add_imagenet(const Machine& machine) {
    constexpr int images = 16;
    add_all(machine, in_place, "64ch_112x112", {64, 112, 112}, {64, 112, 112}, images);
    add_all(machine, in_place, "256ch_56x56", {256, 56, 56}, {256, 56, 56}, images);
    add_all(machine, max_pool, "64ch_112x112", {64, 112, 112}, {64, 56, 56}, images);
    add_all(machine, global_average, "512ch_7x7", {512, 7, 7}, Shape(512), images);
    add_all(machine, global_average, "2048ch_7x7", {2048, 7, 7}, Shape(2048), images);
    add_linear(machine, 512, 1000, images);
    add_linear(machine, 2048, 1000, images);
    add_optimizer<Sgd>(machine, "resnet50", 25'557'032);
    add_optimizer<AdamW>(machine, "resnet50", 25'557'032);
}

}  // namespace

int main(int argc, char** argv) {
    bench::Suite suite(argc, argv);
    const Machine machine;
    machine.note();
    add_cifar(machine);
    add_imagenet(machine);
    return suite.run([](bench::Bars&) {});
}
