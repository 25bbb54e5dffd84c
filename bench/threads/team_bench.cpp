// Threads: an empty region, a training step on 1, 2, 3 and 8 threads, and the same beside two busy processes.
#include "support/busy.hpp"
#include "support/peak.hpp"
#include "support/suite.hpp"

#include <residua/residua.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace residua;
using Net = cifar::BasicResNet<20>;
constexpr int batch = 128;
const int numbers_of_threads[] = {1, 2, 3, 8};

std::map<int, double> empty_region;  // seconds
std::map<int, double> at_rest;       // seconds: the fastest step
std::map<int, double> busy;          // seconds: a step of the median turn

// Trainers of all numbers of threads on the same batch: they take turns, so that what disturbs the machine disturbs all.
class Steps {
public:
    Steps() : images_(static_cast<Size>(batch) * Net::input_shape.size()), labels_(batch) {
        for (Size i = 0; i < images_.size(); ++i) images_[i] = static_cast<float>(std::sin(1.7 * static_cast<double>(i)));
        for (int i = 0; i < batch; ++i) labels_[static_cast<Size>(i)] = i % 10;
        for (const int threads : numbers_of_threads) {
            trainers_[threads] = std::make_unique<Trainer<Net, batch>>(parameters_, Sgd{}, TrainerOptions{.threads = threads});
            step(threads);
        }
    }
    void step(int threads) { trainers_[threads]->step(images_.data(), labels_.data(), batch, 0.0); }

private:
    Parameters<Net> parameters_ = initialized<Net>();
    std::vector<float> images_;
    std::vector<int> labels_;
    std::map<int, std::unique_ptr<Trainer<Net, batch>>> trainers_;
};

// The mean of 1000 regions that follow each other; of many such the median, for the least is that of a caller who found the
// others away and did all the tasks alone.
void region(benchmark::State& state) {
    const int threads = static_cast<int>(state.range(0));
    const Team team(threads);
    std::vector<double> times;
    for (auto _ : state) {
        times.push_back(bench::fastest(1, [&] {
            for (int i = 0; i < 1000; ++i) team.run(threads, [](int, std::byte*) {});
        }));
    }
    std::sort(times.begin(), times.end());
    empty_region[threads] = times[times.size() / 2] / 1000;
    state.counters["us"] = empty_region[threads] * 1e6;
}

void steps_at_rest(benchmark::State& state) {
    Steps steps;
    for (auto _ : state) {
        for (const int threads : numbers_of_threads) {
            const double time = bench::fastest(2, [&] { steps.step(threads); });
            at_rest[threads] = at_rest.contains(threads) ? std::min(at_rest[threads], time) : time;
        }
    }
    for (const int threads : numbers_of_threads) state.counters["ms" + std::to_string(threads)] = at_rest[threads] * 1e3;
}

// Mean over a second a turn, for the system's slices are milliseconds; the median turn.
void steps_beside_two(benchmark::State& state) {
    Steps steps;
    std::map<int, std::vector<double>> turns;
    const bench::BusyProcesses others(2);
    for (auto _ : state) {
        for (const int threads : numbers_of_threads) {
            const double begin = bench::seconds();
            int count = 0;
            do {
                steps.step(threads);
                ++count;
            } while (bench::seconds() - begin < 1);
            turns[threads].push_back((bench::seconds() - begin) / count);
        }
    }
    for (auto& [threads, times] : turns) {
        std::sort(times.begin(), times.end());
        busy[threads] = times[times.size() / 2];
        state.counters["ms" + std::to_string(threads)] = busy[threads] * 1e3;
    }
}

}  // namespace

BENCHMARK(region)
    ->Name("empty_region/threads")
    ->Arg(2)
    ->Arg(3)
    ->Arg(8)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(300)
    ->UseRealTime();
BENCHMARK(steps_at_rest)->Name("resnet20/train_128/at_rest")->Unit(benchmark::kMillisecond)->Iterations(20)->UseRealTime();
BENCHMARK(steps_beside_two)->Name("resnet20/train_128/beside_two")->Unit(benchmark::kMillisecond)->Iterations(9)->UseRealTime();

int main(int argc, char** argv) {
    bench::Suite suite(argc, argv);
    return suite.run([](bench::Bars& bars) {
        if (std::thread::hardware_concurrency() < 2) return;
        bars.at_most("empty_region_of_two_us", empty_region[2] * 1e6, 1);
        bars.at_least("two_threads_over_one", at_rest[1] / at_rest[2], 1.9);
        for (const int threads : {3, 8}) {
            if (std::thread::hardware_concurrency() != 2) continue;  // (the bar is for more threads than processors)
            bars.at_least(std::to_string(threads) + "_threads_on_two_processors", at_rest[2] / at_rest[threads], 0.9);
        }
        bars.at_least("two_threads_over_one_beside_two_busy_processes", busy[1] / busy[2], 0.9);
    });
}
