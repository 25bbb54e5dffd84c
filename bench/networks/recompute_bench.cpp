// What recomputation costs: training steps that keep everything and steps that keep one unit in some, by turns; least time over
// least time, and the arenas of both.
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

constexpr int batch = 64;
constexpr int turns = 10;

std::map<std::string, double> ratios;

template <class Net, class Recomputation>
void compare(benchmark::State& state, const std::string& name) {
    std::vector<float> images(batch * Net::input_shape.size());
    for (Size i = 0; i < images.size(); ++i) images[i] = static_cast<float>(std::sin(1.7 * static_cast<double>(i)));
    std::vector<int> labels(batch);
    for (int i = 0; i < batch; ++i) labels[static_cast<Size>(i)] = i % 10;

    Parameters<Net> parameters[2] = {initialized<Net>(), initialized<Net>()};
    Trainer<Net, batch> keeps(parameters[0]);
    Trainer<Net, batch, Recomputation> recomputes(parameters[1]);
    double best[2] = {1e30, 1e30};
    for (auto _ : state) {
        best[0] = std::min(best[0], bench::fastest(1, [&] { keeps.step(images, labels, 0.05); }));
        best[1] = std::min(best[1], bench::fastest(1, [&] { recomputes.step(images, labels, 0.05); }));
    }
    constexpr double mebibyte = 1 << 20;
    state.counters["ms_keeping"] = best[0] * 1e3;
    state.counters["ms_recomputing"] = best[1] * 1e3;
    state.counters["MiB_keeping"] = static_cast<double>(Net::template training_bytes<batch>) / mebibyte;
    state.counters["MiB_recomputing"] = static_cast<double>(Net::template training_bytes<batch, Recomputation>) / mebibyte;
    state.counters["ratio"] = ratios[name] = best[1] / best[0];
}

template <class Net, class Recomputation>
void add(const std::string& name) {
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) { compare<Net, Recomputation>(state, name); })
        ->Iterations(turns)
        ->Unit(benchmark::kMillisecond);
}

}  // namespace

int main(int argc, char** argv) {
    add<cifar::PreActResNet<110>, RecomputeEvery<6>>("recompute_every_6/preact110/train_64");
    add<cifar::PreActResNet<164>, RecomputeEvery<6>>("recompute_every_6/preact164/train_64");
    bench::Suite suite(argc, argv);
    return suite.run([](bench::Bars& bars) {
        for (const auto& [name, ratio] : ratios) bars.at_most(name, ratio, 1.35);
    });
}
