#include "training.hpp"

#include "../parts/evaluate.hpp"
#include "../parts/machine.hpp"
#include "../parts/text.hpp"
#include "../train/settings.hpp"
#include "../train/stop.hpp"

#include <residua/any_network.hpp>
#include <residua/io/folder_lock.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <optional>

#include <commit.hpp>

namespace paper {

using namespace residua;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t steps_a_line = 50;
// Norms are kept of the steps after 0, 1, 10, 100, 300 and 1000, and of the last.
constexpr std::array<std::int64_t, 6> looked_at = {1, 2, 11, 101, 301, 1001};
constexpr std::chrono::minutes between_checkpoints(2);

void check(const AnyStatus& status) {
    if (!status.ok()) throw Error(status.message);
}

double seconds_since(Clock::time_point began) { return std::chrono::duration<double>(Clock::now() - began).count(); }

// The units at which stages begin, and the place after the last: from the names of layers, layer2.0.conv1.
std::vector<int> stage_places(const AnyNetwork& network) {
    std::vector<int> places;
    std::string stage;
    std::string unit;
    int units = 0;
    for (std::size_t i = 0; i < network.layer_count; ++i) {
        const std::string name = network.layer(i).name;
        const std::size_t first = name.find('.');
        const std::size_t second = name.find('.', first + 1);
        if (name.rfind("layer", 0) != 0 || second == std::string::npos) continue;
        if (name.substr(0, second) == unit) continue;
        unit = name.substr(0, second);
        if (name.substr(0, first) != stage) {
            stage = name.substr(0, first);
            places.push_back(units);
        }
        ++units;
    }
    places.push_back(units);
    return places;
}

class Training {
public:
    Training(const RunSettings& settings, const RunFolder& folder, const DataSets::Pair& data, int threads)
        : options_(settings.options),
          folder_(folder),
          data_(data),
          network_(train::chosen(options_)),
          normalisation_(train::normalisation_of(options_, data.train)),
          run_(text_of(settings) + train::data_text(data.train, data.test)),
          self_(started(threads), network_.stop),
          places_(stage_places(network_)) {
        outcome_.steps = steps_of(settings, data.train.size());
        outcome_.threads = threads;
    }

    void resume() {
        const std::string path = folder_.checkpoint().string();
        if (!std::filesystem::exists(folder_.checkpoint())) return;
        std::string notes;
        const auto receive = [](void* text, const char* from, std::size_t size) {
            static_cast<std::string*>(text)->assign(from, size);
        };
        network_.load(self_.get(), path.c_str(), run_.c_str(), receive, &notes, status_);
        check(status_);
        take(notes, path);
    }

    // False: a signal came, and all is saved.
    bool go_on(const std::function<void(const Pace&)>& show) {
        const std::unique_ptr<data::Batches> batches =
            data_.train.batches(normalisation_, train::augmentation_of(options_), options_.batch, options_.seed, steps_taken());
        const auto rate_at = train::schedule_of(options_, outcome_.steps);
        const double seconds_before = outcome_.seconds;
        const std::int64_t images_before = outcome_.images;
        Clock::time_point saved = Clock::now();
        while (steps_taken() < outcome_.steps) {
            const Clock::time_point began = Clock::now();
            const bool sound = step(batches->next(), rate_at(steps_taken()));
            outcome_.seconds += seconds_since(began);
            if (!sound) {
                outcome_.state = State::diverged;
                return true;
            }
            show({steps_taken(), outcome_.steps, loss_ / std::max(1.0, static_cast<double>(images_)),
                  static_cast<double>(outcome_.images - images_before) / std::max(1e-9, outcome_.seconds - seconds_before)});
            if (ends_line(steps_taken())) end_line(rate_at(steps_taken() - 1));
            if (train::stop_signal != 0 || Clock::now() - saved > between_checkpoints) {
                save();
                saved = Clock::now();
            }
            if (train::stop_signal != 0) return false;
        }
        outcome_.state = network_.is_finite(self_.get()) ? State::finished : State::diverged;
        return true;
    }

    void finish() {
        outcome_.processor = parts::processor();
        outcome_.version = parts::version() + ", commit " RESIDUA_COMMIT;
        outcome_.date = parts::date_and_time();
        folder_.write(outcome_);
    }

private:
    void* started(int threads) {
        if (options_.batch > network_.capacity) {
            throw Error(options_.network + ": expected a batch of at most " + std::to_string(network_.capacity) + ", found " +
                        std::to_string(options_.batch));
        }
        AnySettings settings = train::trainer_settings_of(options_);
        settings.threads = threads;
        void* self = network_.start(settings, status_);
        check(status_);
        return self;
    }

    std::int64_t steps_taken() const { return network_.steps_taken(self_.get()); }
    std::int64_t steps_an_epoch() const { return data_.train.steps_per_epoch(options_.batch); }
    bool ends_epoch(std::int64_t step) const { return step % steps_an_epoch() == 0; }
    bool ends_line(std::int64_t step) const { return step % steps_a_line == 0 || ends_epoch(step) || step == outcome_.steps; }
    bool keeps_units(std::int64_t step) const {
        return step == outcome_.steps || std::find(looked_at.begin(), looked_at.end(), step) != looked_at.end();
    }

    // False: the loss is no longer a number.
    bool step(const data::Batch& batch, double rate) {
        const std::int64_t number = steps_taken() + 1;
        network_.watch(self_.get(), ends_line(number) || keeps_units(number));
        const AnyResult result = network_.step(self_.get(), batch.images.data(), batch.labels.data(), batch.n, rate, status_);
        check(status_);
        loss_ += result.loss * batch.n;
        correct_ += result.correct;
        images_ += batch.n;
        outcome_.images += batch.n;
        if (!std::isfinite(result.loss)) return false;

        if (keeps_units(number)) {
            for (std::size_t unit = 0; unit <= network_.unit_count; ++unit) {
                const AnyUnit seen = network_.unit(self_.get(), unit);
                outcome_.record.units.push_back({number, static_cast<int>(unit), seen.signal, seen.gradient, seen.gate});
            }
        }
        return true;
    }

    void end_line(double rate) {
        LogLine line;
        line.step = steps_taken();
        line.epoch = static_cast<double>(line.step) / static_cast<double>(steps_an_epoch());
        line.rate = rate;
        line.loss = loss_ / static_cast<double>(images_);
        line.error = 100 * (1 - static_cast<double>(correct_) / static_cast<double>(images_));
        for (const int place : places_) {
            const AnyUnit seen = network_.unit(self_.get(), static_cast<std::size_t>(place));
            line.gradients.push_back(seen.gradient);
            line.signals.push_back(seen.signal);
        }
        if (ends_epoch(line.step) || line.step == outcome_.steps) {
            const Evaluation tested = parts::evaluate(network_, self_.get(), data_.test, normalisation_, data_.test.size());
            line.test_loss = tested.loss();
            line.test_error = 100 * tested.error();
        }
        outcome_.record.log.push_back(line);
        loss_ = 0;
        correct_ = 0;
        images_ = 0;
    }

    // What a checkpoint carries beside the network: sums of the line to come, then both files as they stand.
    void save() {
        if (!network_.is_finite(self_.get())) return;  // the next step tells, and what is saved is still sound
        const std::string log = log_as_csv(outcome_.record.log);
        const std::string notes = parts::exact(loss_) + " " + std::to_string(correct_) + " " + std::to_string(images_) + " " +
                                  std::to_string(outcome_.images) + " " + parts::exact(outcome_.seconds) + " " +
                                  std::to_string(log.size()) + "\n" + log + units_as_csv(outcome_.record.units);
        network_.save(self_.get(), folder_.checkpoint().c_str(), run_.c_str(), notes.data(), notes.size(), status_);
        check(status_);
    }
    void take(std::string_view notes, const std::string& where) {
        std::string_view sums = parts::next_word(notes, '\n');
        loss_ = parts::number_of<double>(parts::next_word(sums, ' '));
        correct_ = parts::number_of<std::int64_t>(parts::next_word(sums, ' '));
        images_ = parts::number_of<std::int64_t>(parts::next_word(sums, ' '));
        outcome_.images = parts::number_of<std::int64_t>(parts::next_word(sums, ' '));
        outcome_.seconds = parts::number_of<double>(parts::next_word(sums, ' '));
        const auto size = parts::number_of<std::size_t>(sums);
        if (size > notes.size()) {
            throw Error(where + ": expected " + std::to_string(size) + " bytes of log in its notes, found " +
                        std::to_string(notes.size()));
        }
        outcome_.record.log = log_of_csv(notes.substr(0, size), where);
        outcome_.record.units = units_of_csv(notes.substr(size), where);
    }

    const train::Options& options_;
    const RunFolder& folder_;
    const DataSets::Pair& data_;
    AnyNetwork network_;
    data::Normalisation normalisation_;
    std::string run_;
    AnyStatus status_;
    std::unique_ptr<void, void (*)(void*)> self_;
    std::vector<int> places_;
    Outcome outcome_;

    // Of the line to come.
    double loss_ = 0;
    std::int64_t correct_ = 0;
    std::int64_t images_ = 0;
};

}  // namespace

Ended train_run(const RunSettings& settings, const RunFolder& folder, DataSets& data, int threads,
                const std::function<void(const Pace&)>& show) {
    std::filesystem::create_directories(folder.path());
    const std::optional<io::FolderLock> lock = io::FolderLock::if_free(folder.path());
    if (!lock) return Ended::elsewhere;
    if (folder.outcome().is_finished()) return Ended::finished;  // by another, since we looked

    Training training(settings, folder, data.of(settings), threads);
    training.resume();
    if (!training.go_on(show)) return Ended::interrupted;
    training.finish();
    return Ended::finished;
}

double measured_pace(const RunSettings& settings, int threads) {
    const AnyNetwork network = train::chosen(settings.options);
    const int batch = std::min(settings.options.batch, network.capacity);
    const auto pixels = static_cast<std::size_t>(network.input.channels * network.input.height * network.input.width);
    const std::vector<float> images(static_cast<std::size_t>(batch) * pixels, 0.5F);
    const std::vector<int> labels(static_cast<std::size_t>(batch), 0);

    AnyStatus status;
    AnySettings trainer;
    trainer.threads = threads;
    const std::unique_ptr<void, void (*)(void*)> self(network.start(trainer, status), network.stop);
    check(status);
    network.watch(self.get(), false);
    double seconds = 0;
    for (int step = 0; step < 2; ++step) {  // (the first one touches the memory)
        const Clock::time_point began = Clock::now();
        network.step(self.get(), images.data(), labels.data(), batch, 0, status);
        check(status);
        seconds = seconds_since(began);
    }
    return batch / std::max(seconds, 1e-9);
}

std::int64_t steps_of(const RunSettings& settings, int training_images) {
    if (settings.steps > 0) return settings.steps;
    const std::int64_t an_epoch = (std::int64_t{training_images} + settings.options.batch - 1) / settings.options.batch;
    return settings.options.epochs * an_epoch;
}

}  // namespace paper
