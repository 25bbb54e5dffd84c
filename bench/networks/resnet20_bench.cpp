// Whole networks: training steps at batch 128 on one thread and on two, inference. (Beside PyTorch: compare.sh.)
#include "support/peak.hpp"
#include "support/suite.hpp"

#include <residua/residua.hpp>

#include <benchmark/benchmark.h>

#include <cmath>
#include <map>
#include <thread>
#include <vector>

namespace {

using namespace residua;
using Net = cifar::BasicResNet<20>;
constexpr int batch = 128;

std::map<int, double> best_step;

std::vector<float> pictures(int n) {
    std::vector<float> images(static_cast<Size>(n) * Net::input_shape.size());
    for (Size i = 0; i < images.size(); ++i) images[i] = static_cast<float>(std::sin(1.7 * static_cast<double>(i)));
    return images;
}

void train(benchmark::State& state) {
    const int threads = static_cast<int>(state.range(0));
    Parameters<Net> parameters = initialized<Net>();
    Trainer<Net, batch> trainer(parameters, {}, {threads, 1});
    const std::vector<float> images = pictures(batch);
    std::vector<int> labels(batch);
    for (int i = 0; i < batch; ++i) labels[static_cast<Size>(i)] = i % 10;

    double best = 1e30;
    for (auto _ : state)
        best = std::min(best, bench::fastest(1, [&] { trainer.step(images.data(), labels.data(), batch, 0.05); }));
    state.counters["images/s"] = batch / best;
    best_step[threads] = best;
}

template <int N>
void infer(benchmark::State& state) {
    const Parameters<Net> parameters = initialized<Net>();
    const Inference<Net> engine(parameters);
    Inference<Net>::Workspace<N> workspace;
    const std::vector<float> images = pictures(N);
    double best = 1e30;
    for (auto _ : state)
        best = std::min(best,
                        bench::fastest(1, [&] { benchmark::DoNotOptimize(engine(std::span<const float>(images), workspace)); }));
    state.counters["images/s"] = N / best;
    state.counters["ms"] = best * 1e3;
}

}  // namespace

BENCHMARK(train)
    ->Name("resnet20/train_128/threads")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(20)
    ->UseRealTime();
BENCHMARK(infer<1>)->Name("resnet20/infer_1")->Unit(benchmark::kMillisecond)->Iterations(300)->UseRealTime();
BENCHMARK(infer<128>)->Name("resnet20/infer_128")->Unit(benchmark::kMillisecond)->Iterations(20)->UseRealTime();

int main(int argc, char** argv) {
    bench::Suite suite(argc, argv);
    return suite.run([](bench::Bars& bars) {
        if (std::thread::hardware_concurrency() < 2) return;
        bars.at_least("two_threads_over_one", best_step[1] / best_step[2], 1.9);
    });
}
