// The training loop: data, steps, evaluation, checkpoints, CSV.
#include "run.hpp"

#include "../parts/progress_bar.hpp"
#include "../parts/text.hpp"
#include "outputs.hpp"
#include "settings.hpp"
#include "stop.hpp"
#include "weights.hpp"

#include <residua/io/atomic_file.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <span>
#include <system_error>

namespace train {

using namespace parts;
using namespace residua;

namespace {

void check(const AnyStatus& status) {
    if (!status.ok()) throw Error(status.message);
}

std::string in_words(std::int64_t step) { return std::to_string(step); }

// Whether writing may wait for a reader.
bool is_pipe(const std::filesystem::path& path) {
    std::error_code unknown;
    return std::filesystem::is_fifo(path, unknown);
}

class Training {
public:
    Training(Run& run, const Outputs& outputs, const ImageSet& train_set, const ImageSet& test_set)
        : run_(run),
          outputs_(outputs),
          train_set_(train_set),
          test_set_(test_set),
          normalisation_(normalisation_of(run.options, train_set)),
          settings_(settings_text(run.options, train_set, test_set)),
          self_(run.network.start(trainer_settings_of(run.options), status_), run.network.stop),
          epoch_steps_(train_set.steps_per_epoch(run.options.batch)),
          steps_(run.options.epochs * epoch_steps_),
          weights_(outputs, run.network, self_.get(), run.progress, settings_,
                   weights_description(settings_, normalisation_, train_set)) {
        check(status_);
    }

    // Stands where the checkpoint was saved, if one is asked for and there is one. (Its checksum tells of damage. What a run
    // cannot have saved, whoever wrote it, is an error too.)
    void resume() {
        const std::string path = outputs_.checkpoint().string();
        if (!std::filesystem::exists(outputs_.checkpoint())) {
            std::printf("no checkpoint in %s yet: starting from the beginning\n", run_.options.checkpoint_dir.c_str());
            return;
        }
        std::string notes;
        const auto receive = [](void* text, const char* from, std::size_t size) {
            static_cast<std::string*>(text)->assign(from, size);
        };
        run_.network.load(self_.get(), path.c_str(), settings_.c_str(), receive, &notes, status_);
        check(status_);
        if (steps_taken() > steps_) {
            throw Error(path + ": expected at most " + in_words(steps_) + " steps, found " + in_words(steps_taken()));
        }
        if (!run_.network.is_finite(self_.get())) {
            throw Error(path + ": expected finite parameters, statistics and momenta, found some that are not");
        }
        try {
            progress() = progress_of(notes, steps_taken(), steps_taken() / epoch_steps_);
        } catch (const Error& error) {
            throw Error(path + ": its notes cannot be read: " + error.what());
        }
        saved_at_ = steps_taken();
        weights_.resume();
        std::printf("going on from %s at step %lld\n", path.c_str(), static_cast<long long>(steps_taken()));
    }

    // To the end, or to a signal, whose number comes back.
    int go_on() {
        const std::unique_ptr<data::Batches> batches = train_set_.batches(normalisation_, augmentation_of(run_.options),
                                                                          run_.options.batch, run_.options.seed, steps_taken());
        const auto rate_at = schedule_of(run_.options, steps_);

        seconds_before_ = progress().seconds;
        images_before_ = progress().images;
        while (steps_taken() < steps_) {
            const Clock::time_point began = Clock::now();
            const data::Batch& batch = batches->next();
            const double rate = rate_at(batch.step);
            step(batch, rate);
            progress().seconds += std::chrono::duration<double>(Clock::now() - began).count();
            show(batch);

            const bool epoch_ends = steps_taken() % epoch_steps_ == 0;
            if (epoch_ends) end_epoch(batch, rate);
            if (epoch_ends || steps_taken() % run_.options.checkpoint_every == 0 || stop_signal != 0) save();
            if (epoch_ends && !(stop_signal != 0 && is_pipe(outputs_.csv()))) try_csv();
            if (stop_signal != 0) return stop_signal;
        }
        return 0;
    }

    void finish() {
        if (run_.evaluation.images() == 0) run_.evaluation = evaluated(test_set_.size());
        std::exception_ptr failure;
        const auto try_to = [&](auto write) {
            try {
                write();
            } catch (const Error&) {
                if (!failure) failure = std::current_exception();  // the others need not be lost too
            }
        };
        try_to([&] { write_csv(); });
        try_to([&] { weights_.finish(); });
        run_.weights = weights_.in_words();
        run_.log = outputs_.csv().string();
        write_report(run_, outputs_.report());
        if (failure) std::rethrow_exception(failure);
        std::printf("log: %s\nreport: %s\nweights: %s\n", outputs_.csv().c_str(), outputs_.report().c_str(),
                    run_.weights.c_str());
        std::printf("test error %.2f %%\n", 100 * run_.evaluation.error());
    }

    void say_where_it_stopped() {
        bar_.end();
        std::printf("interrupted after step %lld%s\n", static_cast<long long>(steps_taken()),
                    saved_at_ < 0 ? "; without --checkpoint-dir nothing was saved"
                                  : ("; saved: go on with --resume (" + outputs_.checkpoint().string() + ")").c_str());
    }

private:
    using Clock = std::chrono::steady_clock;

    Progress& progress() { return run_.progress; }
    std::int64_t steps_taken() const { return run_.network.steps_taken(self_.get()); }

    void step(const data::Batch& batch, double rate) {
        const AnyResult result = run_.network.step(self_.get(), batch.images.data(), batch.labels.data(), batch.n, rate, status_);
        check(status_);
        if (!std::isfinite(result.loss)) diverged("the loss is not finite", rate);

        progress().loss += result.loss * batch.n;
        progress().correct += result.correct;
        progress().images += batch.n;
        progress().curve.add(result.loss);
    }

    double images_per_second() {
        const double took = std::max(progress().seconds - seconds_before_, 1e-9);
        return static_cast<double>(progress().images - images_before_) / took;
    }
    double train_loss() { return progress().loss / static_cast<double>(progress().images); }
    double train_error() { return 100 * (1 - static_cast<double>(progress().correct) / static_cast<double>(progress().images)); }

    void show(const data::Batch& batch) {
        const double left = static_cast<double>(steps_ - steps_taken()) * run_.options.batch;
        const double done = static_cast<double>(batch.step % epoch_steps_ + 1) / static_cast<double>(epoch_steps_);
        const double speed = std::max(images_per_second(), 1e-9);
        bar_.show({batch.epoch + 1, run_.options.epochs, done, speed, train_loss(), train_error(), left / speed});
    }

    Evaluation evaluated(int images) {
        Evaluation result = evaluate(run_.network, self_.get(), test_set_, normalisation_, images);
        if (!std::isfinite(result.loss())) diverged("the test loss is not finite");
        return result;
    }

    void end_epoch(const data::Batch& batch, double rate) {
        run_.evaluation = evaluated(test_set_.size());
        const double before = progress().epochs.empty() ? 0 : progress().epochs.back().seconds;
        const Epoch epoch{batch.epoch + 1,
                          steps_taken(),
                          rate,
                          train_loss(),
                          train_error(),
                          run_.evaluation.loss(),
                          100 * run_.evaluation.error(),
                          images_per_second(),
                          progress().seconds};
        bar_.end();
        std::printf("epoch %lld: loss %.4f, error %.2f %%; test loss %.4f, error %.2f %%; %s\n",
                    static_cast<long long>(epoch.epoch), epoch.train_loss, epoch.train_error, epoch.test_loss, epoch.test_error,
                    clock_time(epoch.seconds - before).c_str());
        std::fflush(stdout);
        progress().end_epoch(epoch);
        if (!run_.network.is_finite(self_.get())) diverged("a parameter is not finite");
        weights_.end_epoch();
        images_before_ = 0;
        seconds_before_ = progress().seconds;
    }

    // Whatever is saved can be gone on from: what has diverged is not saved over what has not. (After a step that was too large
    // parameters may be finite and the next loss not: a few images tell.)
    void save() {
        if (outputs_.checkpoint().empty()) return;
        if (!run_.network.is_finite(self_.get())) diverged("a parameter is not finite");
        evaluated(run_.options.batch);
        const std::string notes = text_of(progress());
        run_.network.save(self_.get(), outputs_.checkpoint().c_str(), settings_.c_str(), notes.data(), notes.size(), status_);
        check(status_);
        saved_at_ = steps_taken();
    }

    void write_csv() {
        const std::string text = csv_of(progress().epochs);
        io::write_file(outputs_.csv(), std::as_bytes(std::span(text)));
    }
    // The log is written whole each time, so that the next epoch, or the end, makes up for one that could not be written.
    void try_csv() {
        try {
            write_csv();
        } catch (const Error& error) {
            std::fprintf(stderr, "train: %s%s\n", error.what(), stop_signal != 0 ? "" : "; training goes on");
        }
    }

    [[noreturn]] void diverged(const std::string& what, double rate = std::nan("")) const {
        std::string message = "training has diverged: " + what + " at step " + in_words(steps_taken());
        if (std::isfinite(rate)) message += " (learning rate " + shown(rate) + ")";
        message += ". Try a smaller --lr, or --warm-up";
        if (saved_at_ >= 0) message += "; " + outputs_.checkpoint().string() + " still holds step " + in_words(saved_at_);
        throw Error(message);
    }

    Run& run_;
    const Outputs& outputs_;
    const ImageSet& train_set_;
    const ImageSet& test_set_;
    data::Normalisation normalisation_;
    std::string settings_;
    AnyStatus status_;
    std::unique_ptr<void, void (*)(void*)> self_;
    std::int64_t saved_at_ = -1;  // the step that the checkpoint holds; -1: none of this run's

    std::int64_t epoch_steps_;
    std::int64_t steps_;  // in all
    Weights weights_;
    ProgressBar bar_;
    double seconds_before_ = 0;  // of the epoch, before this process; and its images
    std::int64_t images_before_ = 0;
};

}  // namespace

int train_network(const Options& options) {
    Run run;
    run.options = resolved(options);
    run.network = chosen(run.options);
    const ImageSet train_set = read(run.options, data::Part::train, run.network);
    const ImageSet test_set = read(run.options, data::Part::test, run.network);
    run.train = &train_set;
    run.test = &test_set;
    const Outputs outputs(run.options);

    listen_for_stop();
    Training training(run, outputs, train_set, test_set);
    if (options.resume) training.resume();
    std::printf("%s on %s: %s parameters, %.1f M multiply-adds an image\n", run.options.network.c_str(), run.options.data.c_str(),
                with_thousands(run.network.parameter_count).c_str(), static_cast<double>(run.network.macs) * 1e-6);
    std::printf("%s images to train on, %s to test, %d thread%s\n", with_thousands(train_set.size()).c_str(),
                with_thousands(test_set.size()).c_str(), run.options.threads, run.options.threads == 1 ? "" : "s");
    std::fflush(stdout);

    const int signal = training.go_on();
    if (signal != 0) {
        training.say_where_it_stopped();
        return 128 + signal;
    }
    training.finish();
    return 0;
}

}  // namespace train
