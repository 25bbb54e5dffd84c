// How steady one image's inference is: of many single calls the median, and what 99 and 99.9 % of them do not exceed, over it; of
// images and weights of any kind, which must cost the same. What else runs on the core shows, too: as in `registers`, a third of
// a millisecond of multiply-adds that touch no memory. For a quiet core.
#include "support/peak.hpp"
#include "support/suite.hpp"

#include <residua/residua.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace residua;

using ResNet20 = cifar::PreActResNet<20>;
using ResNet18 = imagenet::ResNet<18>;

struct Latency {
    double median = 0;  // seconds
    double of_99 = 0;
    double of_999 = 0;
};

// Of so many calls, each timed by itself, after some that are not.
template <class F>
Latency latency_of(int calls, F call) {
    using Clock = std::chrono::steady_clock;
    for (int i = 0; i < calls / 20; ++i) call();
    std::vector<double> seconds(static_cast<Size>(calls));
    for (double& one : seconds) {
        const Clock::time_point begin = Clock::now();
        call();
        one = std::chrono::duration<double>(Clock::now() - begin).count();
    }
    std::sort(seconds.begin(), seconds.end());
    const auto at = [&](double share) { return seconds[static_cast<Size>(share * (calls - 1))]; };
    return {at(0.5), at(0.99), at(0.999)};
}

std::map<std::string, Latency> latencies;

void waves(std::span<float> values) {
    for (Size i = 0; i < values.size(); ++i) values[i] = static_cast<float>(std::sin(1.7 * static_cast<double>(i)));
}
void zeros(std::span<float> values) { std::fill(values.begin(), values.end(), 0.0F); }
void tiny(std::span<float> values) {
    waves(values);
    for (float& value : values) value *= 1e-40F;
}
void huge(std::span<float> values) {
    waves(values);
    for (float& value : values) value *= 1e30F;
}

template <class F>
void measure(benchmark::State& state, const std::string& name, int calls, F call) {
    Latency& latency = latencies[name];
    for (auto _ : state) latency = latency_of(calls, call);
    state.counters["median_ms"] = latency.median * 1e3;
    state.counters["p99"] = latency.of_99 / latency.median;
    state.counters["p99.9"] = latency.of_999 / latency.median;
}

template <class Run>
void add_run(const std::string& name, Run run) {
    benchmark::RegisterBenchmark(name.c_str(), run)->Iterations(1)->Unit(benchmark::kMillisecond);
}

void add_registers(const std::string& name, int calls) {
    add_run(name, [=](benchmark::State& state) {
        measure(state, name, calls, [] { benchmark::DoNotOptimize(bench::multiply_adds(100'000)); });
    });
}

template <class Net>
void add(const std::string& name, int calls, void (*fill_image)(std::span<float>), void (*fill_weights)(std::span<float>)) {
    add_run(name, [=](benchmark::State& state) {
        Parameters<Net> parameters = initialized<Net>(HeNormal{FanOut{}}, 1);
        if (fill_weights) fill_weights(parameters.values().first(Net::parameter_count));
        const Inference<Net> engine(std::move(parameters));
        typename Inference<Net>::template Workspace<1> workspace;
        std::vector<float> image(Net::input_shape.size());
        fill_image(image);
        measure(state, name, calls, [&] { benchmark::DoNotOptimize(engine(image, workspace)); });
    });
}

}  // namespace

int main(int argc, char** argv) {
    add_registers("registers", 10'000);
    add<ResNet20>("preact20/waves", 10'000, waves, nullptr);
    add<ResNet20>("preact20/zeros", 10'000, zeros, nullptr);
    add<ResNet20>("preact20/tiny_image", 10'000, tiny, nullptr);
    add<ResNet20>("preact20/huge_image", 10'000, huge, nullptr);
    add<ResNet20>("preact20/tiny_weights", 10'000, waves, tiny);
    add<ResNet18>("resnet18/waves", 2'000, waves, nullptr);
    bench::Suite suite(argc, argv);
    return suite.run([](bench::Bars& bars) {
        for (const auto& [name, latency] : latencies) {
            if (name == "registers") continue;
            bars.at_most(name + " p99.9 over median", latency.of_999 / latency.median, 1.2);
            if (name.starts_with("preact20"))
                bars.at_most(name + " median over that of waves", latency.median / latencies["preact20/waves"].median, 1.1);
        }
    });
}
