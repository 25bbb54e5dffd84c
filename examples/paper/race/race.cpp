#include "race.hpp"

#include "../../parts/machine.hpp"
#include "../../parts/text.hpp"
#include "../../train/stop.hpp"
#include "first_weights.hpp"
#include "judge.hpp"
#include "lookahead.hpp"
#include "network.hpp"
#include "recipe.hpp"
#include "views.hpp"

#include <residua/data/batches.hpp>
#include <residua/layers/pool.hpp>
#include <residua/training/initial.hpp>
#include <residua/training/trainer.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include <commit.hpp>

namespace paper::race {

namespace {

// Adds what it lives to a sum of seconds.
class Stopwatch {
public:
    explicit Stopwatch(double& sum) : sum_(sum) {}
    ~Stopwatch() { sum_ += std::chrono::duration<double>(Clock::now() - began_).count(); }
    Stopwatch(const Stopwatch&) = delete;
    Stopwatch& operator=(const Stopwatch&) = delete;

private:
    using Clock = std::chrono::steady_clock;
    double& sum_;
    Clock::time_point began_ = Clock::now();
};

class Race {
public:
    Race(const Plan& plan, const data::Dataset& train, const data::Dataset& test, int threads)
        : plan_(plan),
          normalisation_(measured_of(train)),
          parameters_(begun(train)),
          filters_(whitening_weight(parameters_)),
          average_(std::as_const(parameters_).values()),
          trainer_(parameters_, TwoRates{recipe_}, {threads, plan.seed}),
          batches_(train, normalisation_, {.on_pixels = ShiftAndFlip{image, recipe_.pad}}, batch, plan.seed),
          judge_(test, normalisation_, threads) {
        const auto an_epoch = static_cast<double>(batches_.steps_per_epoch());
        finish_.steps = std::max<std::int64_t>(1, std::llround(plan.epochs * an_epoch));
        finish_.threads = threads;
    }

    std::optional<Finish> run(const std::function<void(const Progress&)>& show) {
        for (std::int64_t step = 0; step < finish_.steps; ++step) {
            const double loss = take(step);
            sum_of_losses_ += loss;
            ++steps_since_split_;
            const double share = static_cast<double>(step + 1) / static_cast<double>(finish_.steps);
            show({step + 1, finish_.steps, sum_of_losses_ / steps_since_split_, finish_.seconds() * (1 - share) / share});
            if (train::stop_signal != 0) return {};
            if ((step + 1) % batches_.steps_per_epoch() == 0 || step + 1 == finish_.steps) split(step + 1);
        }
        finish_.processor = parts::processor();
        finish_.version = parts::version() + ", commit " RESIDUA_COMMIT;
        finish_.date = parts::date_and_time();
        return std::move(finish_);
    }

private:
    data::Normalisation measured_of(const data::Dataset& train) {
        const Stopwatch watch(finish_.seconds_to_begin);
        return data::per_channel(train);
    }
    Parameters<Net> begun(const data::Dataset& train) {
        const Stopwatch watch(finish_.seconds_to_begin);
        return first_weights(train, normalisation_, plan_.seed);
    }

    // Gives the loss.
    double take(std::int64_t step) {
        const data::Batch* images = nullptr;
        {
            const Stopwatch watch(finish_.seconds_of_batches);
            images = &batches_.next();
        }
        double loss = 0;
        {
            const Stopwatch watch(finish_.seconds_of_steps);
            const SoftmaxCrossEntropy smoothed{images->labels, recipe_.smoothing};
            loss = trainer_.step(*images, smoothed, rate_at(recipe_, step, finish_.steps)).loss;
        }
        const Stopwatch watch(finish_.seconds_of_averages);
        filters_.set_back();
        if (step + 1 == recipe_.bias_epochs * batches_.steps_per_epoch()) bias_.emplace(whitening_bias(parameters_));
        if (bias_) bias_->set_back();
        average_.after(step + 1, finish_.steps, parameters_.values());
        return loss;
    }

    void split(std::int64_t step) {
        const bool is_last = step == finish_.steps;
        const Accuracy accuracy = judge_.judge(parameters_, is_last);
        const double epoch = static_cast<double>(step) / static_cast<double>(batches_.steps_per_epoch());
        finish_.splits.push_back({step, epoch, finish_.seconds(), sum_of_losses_ / steps_since_split_, accuracy.plain});
        finish_.accuracy = accuracy.plain;
        finish_.accuracy_with_views = accuracy.with_views;
        sum_of_losses_ = 0;
        steps_since_split_ = 0;
    }

    Plan plan_;
    Recipe recipe_;
    Finish finish_;
    data::Normalisation normalisation_;
    Parameters<Net> parameters_;
    Kept filters_;
    std::optional<Kept> bias_;  // from where it is no longer trained
    Lookahead average_;
    Trainer<Net, batch, TwoRates> trainer_;
    data::Batches batches_;
    Judge judge_;
    double sum_of_losses_ = 0;
    int steps_since_split_ = 0;
};

// Training steps of a network that ends early, on nothing.
template <class... Layers>
Part measured(const char* name, int threads, int n, int repetitions) {
    using Prefix = Network<image, Sequence<Layers...>>;
    Parameters<Prefix> parameters = initialized<Prefix>();
    Trainer<Prefix, batch, TwoRates> trainer(parameters, {}, {threads, 1});
    const std::vector<float> images(static_cast<Size>(n) * image.size(), 0.5F);
    const std::vector<int> labels(static_cast<Size>(n), 0);

    trainer.step(images, labels, 0);  // (touches the memory)
    std::vector<double> seconds(static_cast<std::size_t>(repetitions));
    for (double& of_step : seconds) {
        const Stopwatch watch(of_step);
        trainer.step(images, labels, 0);
    }
    const auto middle = seconds.begin() + repetitions / 2;
    std::nth_element(seconds.begin(), middle, seconds.end());
    return {name, static_cast<double>(Prefix::macs), *middle, n, threads, parts::processor()};
}

}  // namespace

std::optional<Finish> run(const Plan& plan, const data::Dataset& train, const data::Dataset& test, int threads,
                          const std::function<void(const Progress&)>& show) {
    Race race(plan, train, test, threads);
    return race.run(show);
}

// Each ends in the same way, and what it takes more than the one before is the part's.
std::vector<Part> parts_of_a_step(int threads, bool is_smoke) {
    const int images = is_smoke ? 8 : batch;
    const int repetitions = is_smoke ? 1 : 9;
    using End = Sequence<GlobalAveragePool, Linear<10>>;
    std::vector<Part> parts = {
        measured<End>("images and the end of a network", threads, images, repetitions),
        measured<Whitening, Gelu, End>("whitening", threads, images, repetitions),
        measured<Whitening, Gelu, Stage<64>, End>("64 channels at 31x31 and 15x15 pixels", threads, images, repetitions),
        measured<Whitening, Gelu, Stage<64>, Stage<256>, End>("256 channels at 15x15 and 7x7", threads, images, repetitions),
        measured<Whitening, Gelu, Stage<64>, Stage<256>, Stage<256>, End>("256 channels at 7x7 and 3x3", threads, images,
                                                                          repetitions)};
    for (std::size_t i = parts.size() - 1; i > 0; --i) {
        parts[i].seconds -= parts[i - 1].seconds;
        parts[i].macs -= parts[i - 1].macs;
    }
    return parts;
}

std::string network_in_words() {
    return parts::with_thousands(Net::parameter_count) + " parameters, " + parts::with_thousands(Net::macs) +
           " multiply-adds an image, " + parts::with_thousands(Net::training_bytes<batch>) + " bytes in training";
}

std::string recipe_in_words() {
    const Recipe r;
    return parts::format(
               "batches of %d, learning rate %g (from %g of it, at %g of all steps, to %g), momentum %g, weight decay %g, ",
               batch, r.rate, r.first, r.rises, r.last, r.momentum, r.weight_decay) +
           parts::format(
               "shifts at %g times the rate, labels smoothed by %g, windows %d pixels aside, whitening bias for %d epochs",
               r.shifts_faster, r.smoothing, r.pad, r.bias_epochs);
}

}  // namespace paper::race
