// No data makes a network slow: numbers below the smallest normal one, for which many processors take far longer. Inference and
// training steps with ordinary numbers and with such, by turns: least time over least time.
#include "support/peak.hpp"
#include "support/suite.hpp"

#include <residua/residua.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

namespace {

using namespace residua;

constexpr float tiny = 1e-40F;
constexpr int batch = 16;

using ResNet20 = cifar::BasicResNet<20>;
// Twenty convolutions without normalisation: what becomes small stays small.
using Plain =
    Network<Shape{3, 32, 32}, Sequence<Conv<16>, Relu, Repeat<19, Sequence<Conv<16>, Relu>>, GlobalAveragePool, Linear<10>>>;

// What both sides of a case begin with.
template <class Net>
struct Data {
    Parameters<Net> parameters = initialized<Net>(HeNormal{FanOut{}}, 1);
    std::vector<float> momentum = std::vector<float>(Net::parameter_count, 1e-3F);
    std::vector<float> images = pictures();

    static std::vector<float> pictures() {
        std::vector<float> result(batch * Net::input_shape.size());
        for (Size i = 0; i < result.size(); ++i) result[i] = static_cast<float>(std::sin(1.7 * static_cast<double>(i)));
        return result;
    }
};

void make_tiny(std::span<float> values) {
    for (float& value : values) value = std::copysign(tiny, value);
}
void multiply(std::span<float> values, float factor) {
    for (float& value : values) value *= factor;
}
template <class Net>
std::span<float> trained_values(Data<Net>& data) {
    return data.parameters.values().first(Net::parameter_count);
}

// The cases: what is small in them.
template <class Net>
void small_weights(Data<Net>& data) {
    make_tiny(trained_values(data));
    make_tiny(data.momentum);
}
template <class Net>
void small_images(Data<Net>& data) {
    multiply(data.images, tiny);
}
// Weights that make activations ten times smaller from layer to layer, and gradients likewise: where normal numbers end in
// the middle.
void vanishing(Data<Plain>& data) {
    multiply(trained_values(data), 0.1F);
    multiply(data.images, 1e-28F);
}
// All activations, from the first to the last.
void all_activations(Data<Plain>& data) { multiply(data.images, 1e-39F); }

std::map<std::string, double> ratios;

// Times f(0), with ordinary numbers, and f(1) by turns; `begin` goes before each.
template <class Begin, class F>
void compare(benchmark::State& state, const std::string& name, Begin begin, F f) {
    double best[2] = {1e30, 1e30};
    for (auto _ : state) {
        for (const int which : {0, 1}) {
            begin(which);
            best[which] = std::min(best[which], bench::fastest(1, [&] { f(which); }));
        }
    }
    state.counters["ms_ordinary"] = best[0] * 1e3;
    state.counters["ms_small"] = best[1] * 1e3;
    state.counters["ratio"] = ratios[name] = best[1] / best[0];
}

template <class Net, int N>
void infer(benchmark::State& state, const std::string& name, void (*make_small)(Data<Net>&)) {
    Data<Net> data[2];
    make_small(data[1]);
    const Inference<Net> engines[2] = {Inference<Net>(data[0].parameters), Inference<Net>(data[1].parameters)};
    typename Inference<Net>::template Workspace<N> workspace;
    compare(
        state, name, [](int) {},
        [&](int which) {
            const std::span<const float> images = std::span(data[which].images).first(N * Net::input_shape.size());
            benchmark::DoNotOptimize(engines[which](images, workspace));
        });
}

// (A step begins anew each time: an update leaves nothing small behind.)
template <class Net>
void train(benchmark::State& state, const std::string& name, void (*make_small)(Data<Net>&)) {
    Data<Net> data[2];
    make_small(data[1]);
    Parameters<Net> parameters = data[0].parameters;
    Trainer<Net, batch> trainer(parameters);
    std::vector<int> labels(batch);
    for (int i = 0; i < batch; ++i) labels[static_cast<Size>(i)] = i % 10;
    compare(
        state, name, [&](int which) { trainer.restore(data[which].parameters, data[which].momentum, 0); },
        [&](int which) { trainer.step(data[which].images, labels, 0.05); });
}

template <class Net>
void add(const std::string& what, void (*make_small)(Data<Net>&)) {
    const auto add_one = [&](const std::string& how, int times, auto run) {
        const std::string name = what + how;
        benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) { run(state, name, make_small); })
            ->Iterations(times)
            ->Unit(benchmark::kMillisecond);
    };
    add_one("/infer_1", 100, infer<Net, 1>);
    add_one("/infer_16", 25, infer<Net, 16>);
    add_one("/train_16", 20, train<Net>);
}

}  // namespace

int main(int argc, char** argv) {
    add<ResNet20>("small_weights/resnet20", small_weights);
    add<ResNet20>("small_images/resnet20", small_images);
    add<Plain>("small_weights/plain", small_weights);
    add<Plain>("vanishing/plain", vanishing);
    add<Plain>("all_activations/plain", all_activations);
    bench::Suite suite(argc, argv);
    return suite.run([](bench::Bars& bars) {
        for (const auto& [name, ratio] : ratios) bars.at_most(name, ratio, 1.1);
    });
}
