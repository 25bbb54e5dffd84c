// The training loop: data, steps, evaluation, checkpoints, CSV.
#include "run.hpp"

#include "networks.hpp"

#include <residua/data/batches.hpp>
#include <residua/data/cifar.hpp>
#include <residua/data/idx.hpp>
#include <residua/io/atomic_file.hpp>
#include <residua/training/schedule.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <sstream>
#include <thread>

#include <unistd.h>

namespace train {

using namespace residua;

namespace {

volatile std::sig_atomic_t interrupted = 0;

void on_interrupt(int) { interrupted = 1; }

// The network of that name for that data; an unknown name prints the list.
AnyNetwork chosen(const Options& options) {
    const std::string data = options.data == "mnist" ? "fashion-mnist" : options.data;
    for (const Choice& choice : choices()) {
        if (options.network == choice.network && data == choice.data) return choice.make();
    }
    std::string list;
    for (const Choice& choice : choices()) {
        if (data == choice.data) list += std::string("\n  ") + choice.network;
    }
    if (list.empty()) list = "\n  (none: build with -DRESIDUA_TRAIN_DATA=" + data + ")";
    throw Error("expected a network of this list, found '" + options.network +
                "' (more: build with -DRESIDUA_TRAIN_NETWORKS=all); for " + data + " there are" + list);
}

data::Dataset read(const Options& options, data::Part part) {
    if (options.data == "cifar10") return data::read_cifar10(options.data_dir, part);
    if (options.data == "cifar100") return data::read_cifar100(options.data_dir, part);
    if (options.data == "fashion-mnist") return data::read_fashion_mnist(options.data_dir, part);
    return data::read_idx(options.data_dir, part);
}

data::Augmentation augmentation_of(const Options& options) {
    const bool cifar = options.data.rfind("cifar", 0) == 0;
    const std::string kind = options.augment != "default" ? options.augment : cifar ? "crop-flip" : "flip";
    return {kind == "crop-flip" ? 4 : 0, kind != "none"};
}

std::function<double(std::int64_t)> schedule_of(const Options& options, std::int64_t steps) {
    std::function<double(std::int64_t)> schedule =
        OneCycle{options.rate, steps, options.schedule == "one-cycle" ? Anneal::linear : Anneal::cosine};
    if (options.schedule == "constant") schedule = Constant{options.rate};
    if (options.schedule == "steps") schedule = Steps{options.rate, {steps / 2, steps * 3 / 4}};  // the paper: 32k and 48k of 64k
    if (options.warm_up > 0) schedule = WarmUp{0.01, options.warm_up, schedule};
    return schedule;
}

// Settings that must be the same for a run to go on with the bits it would have had.
std::uint64_t fingerprint_of(const Options& o, const data::Dataset& set) {
    std::ostringstream text;
    text << std::hexfloat << o.network << ' ' << o.data << ' ' << o.augment << ' ' << o.mean << ' ' << o.schedule << ' '
         << o.decay << ' ' << o.warm_up << ' ' << o.epochs << ' ' << o.batch << ' ' << o.rate << ' ' << o.momentum << ' '
         << o.weight_decay << ' ' << o.nesterov << ' ' << o.seed << ' ' << set.size();
    std::uint64_t sum = 0xcbf29ce484222325;
    for (const char character : text.str()) sum = (sum ^ static_cast<unsigned char>(character)) * 0x100000001b3;
    return sum;
}

// The part of a run that is not in the network: kept in a checkpoint's notes.
struct Progress {
    double loss = 0;  // of this epoch so far, times images
    std::int64_t correct = 0;
    std::int64_t images = 0;
    double seconds = 0;
    double point_loss = 0;  // of the curve's next point
    int point_steps = 0;

    void write(std::ostream& out, const Run& run) const {
        out << std::hexfloat << loss << ' ' << correct << ' ' << images << ' ' << seconds << ' ' << point_loss << ' '
            << point_steps << ' ' << run.steps_a_point << ' ' << run.epochs.size() << ' ' << run.step_losses.size() << '\n';
        for (const Epoch& e : run.epochs) {
            out << e.epoch << ' ' << e.step << ' ' << e.rate << ' ' << e.train_loss << ' ' << e.train_error << ' ' << e.test_loss
                << ' ' << e.test_error << ' ' << e.images_per_second << ' ' << e.seconds << '\n';
        }
        for (const double point : run.step_losses) out << point << '\n';
    }

    void read(const std::string& text, Run& run) {
        std::istringstream in(text);
        // (Streams do not read hexadecimal floats back: strtod does.)
        const auto real = [&] {
            std::string word;
            in >> word;
            return std::strtod(word.c_str(), nullptr);
        };
        std::size_t epochs = 0;
        std::size_t points = 0;
        loss = real();
        in >> correct >> images;
        seconds = real();
        point_loss = real();
        in >> point_steps >> run.steps_a_point >> epochs >> points;
        for (std::size_t i = 0; i < epochs && in; ++i) {
            Epoch e;
            in >> e.epoch >> e.step;
            for (double* field :
                 {&e.rate, &e.train_loss, &e.train_error, &e.test_loss, &e.test_error, &e.images_per_second, &e.seconds})
                *field = real();
            run.epochs.push_back(e);
        }
        for (std::size_t i = 0; i < points && in; ++i) run.step_losses.push_back(real());
        if (!in) throw Error("the checkpoint's notes cannot be read");
    }

    // A curve of at most 1000 points.
    void add_point(double step_loss, Run& run) {
        point_loss += step_loss;
        if (++point_steps < run.steps_a_point) return;
        run.step_losses.push_back(point_loss / point_steps);
        point_loss = 0;
        point_steps = 0;
        if (run.step_losses.size() < 1000) return;
        for (std::size_t i = 0; i < 500; ++i) run.step_losses[i] = (run.step_losses[2 * i] + run.step_losses[2 * i + 1]) / 2;
        run.step_losses.resize(500);
        run.steps_a_point *= 2;
    }
};

void check(const AnyStatus& status) {
    if (!status.ok()) throw Error(status.message);
}

Evaluation evaluate(const AnyNetwork& network, void* self, const data::Dataset& set, const data::Normalisation& normalisation) {
    Evaluation result;
    const int at_once = network.capacity;
    const Size classes = static_cast<Size>(network.classes);
    std::vector<float> images(static_cast<Size>(at_once) * set.image.size());
    std::vector<float> logits(static_cast<Size>(at_once) * classes);
    std::int64_t wrong = 0;
    AnyStatus status;
    for (int begin = 0; begin < set.size(); begin += at_once) {
        const int n = std::min(at_once, set.size() - begin);
        for (int i = 0; i < n; ++i) {
            data::normalise(set.image_at(static_cast<Size>(begin + i)), normalisation, {},
                            images.data() + static_cast<Size>(i) * set.image.size());
        }
        network.infer(self, images.data(), n, logits.data(), status);
        check(status);
        for (int i = 0; i < n; ++i) {
            const float* row = logits.data() + static_cast<Size>(i) * classes;
            const auto best = std::max_element(row, row + classes);
            double sum = 0;
            for (Size c = 0; c < classes; ++c) sum += std::exp(static_cast<double>(row[c] - *best));
            const int label = set.labels[static_cast<Size>(begin + i)];
            result.loss += std::log(sum) + static_cast<double>(*best - row[label]);
            result.predictions.push_back(static_cast<int>(best - row));
            result.confidences.push_back(static_cast<float>(1 / sum));
            wrong += result.predictions.back() != label;
        }
    }
    result.loss /= set.size();
    result.error = 100.0 * static_cast<double>(wrong) / set.size();
    return result;
}

void write_csv(const std::string& path, const std::vector<Epoch>& epochs) {
    std::string text = "epoch,step,lr,train_loss,train_error,test_loss,test_error,images_per_second,seconds\n";
    for (const Epoch& e : epochs) {
        char line[256];
        std::snprintf(line, sizeof line, "%d,%lld,%.6g,%.6f,%.3f,%.6f,%.3f,%.1f,%.2f\n", e.epoch, static_cast<long long>(e.step),
                      e.rate, e.train_loss, e.train_error, e.test_loss, e.test_error, e.images_per_second, e.seconds);
        text += line;
    }
    io::write_file(path, std::as_bytes(std::span(text)));
}

// A line that is written over while one watches, and now and then where nobody does.
class ProgressBar {
public:
    void show(int epoch, int epochs, double done, double images_per_second, double loss, double error, double seconds_left) {
        const auto now = std::chrono::steady_clock::now();
        const auto pause = watched_ ? std::chrono::milliseconds(200) : std::chrono::milliseconds(10'000);
        if (done < 1 && now - shown_ < pause) return;
        shown_ = now;
        char bar[25];
        const int filled = static_cast<int>(done * 24);
        for (int i = 0; i < 24; ++i) bar[i] = i < filled ? '#' : '.';
        bar[24] = 0;
        std::printf("%sepoch %d/%d [%s] %6.0f images/s   loss %.4f   error %5.2f %%   %d:%02d left%s", watched_ ? "\r" : "",
                    epoch, epochs, bar, images_per_second, loss, error, static_cast<int>(seconds_left) / 60,
                    static_cast<int>(seconds_left) % 60, watched_ ? "  " : "\n");
        std::fflush(stdout);
    }
    void end() const {
        if (watched_) std::printf("\n");
    }

private:
    bool watched_ = isatty(STDOUT_FILENO) != 0;
    std::chrono::steady_clock::time_point shown_{};
};

}  // namespace

int train_network(const Options& options) {
    using Clock = std::chrono::steady_clock;

    Run run;
    run.options = options;
    run.network = chosen(options);
    const AnyNetwork& network = run.network;
    const data::Dataset train_set = read(options, data::Part::train);
    const data::Dataset test_set = read(options, data::Part::test);
    run.test = &test_set;
    const Shape expected{network.input.channels, network.input.height, network.input.width};
    if (train_set.image != expected || test_set.image != expected) {
        throw Error(options.data_dir + ": expected images of " + std::to_string(expected.channels) + "x" +
                    std::to_string(expected.height) + "x" + std::to_string(expected.width) + ", found " +
                    std::to_string(train_set.image.channels) + "x" + std::to_string(train_set.image.height) + "x" +
                    std::to_string(train_set.image.width));
    }
    const data::Normalisation normalisation =
        options.mean == "pixel" ? data::per_pixel_mean(train_set) : data::per_channel(train_set);

    AnySettings settings;
    settings.momentum = options.momentum;
    settings.weight_decay = options.weight_decay;
    settings.nesterov = options.nesterov;
    settings.decays_all = options.decay == "all";
    settings.threads = options.threads > 0 ? options.threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    settings.seed = options.seed;
    AnyStatus status;
    const std::unique_ptr<void, void (*)(void*)> self(network.start(settings, status), network.stop);
    check(status);

    // Where the run stands: at its beginning, or where a checkpoint says.
    const std::uint64_t fingerprint = fingerprint_of(options, train_set);
    const std::filesystem::path folder = options.checkpoint_dir;
    const std::string checkpoint = options.checkpoint_dir.empty() ? "" : (folder / "checkpoint.residua").string();
    Progress progress;
    if (!checkpoint.empty()) std::filesystem::create_directories(folder);
    if (options.resume && checkpoint.empty()) throw Error("--resume needs --checkpoint-dir");
    if (options.resume && std::filesystem::exists(checkpoint)) {
        std::vector<char> notes(1 << 20);
        network.load(self.get(), checkpoint.c_str(), fingerprint, notes.data(), notes.size(), status);
        check(status);
        progress.read(notes.data(), run);
        std::printf("going on from %s at step %lld\n", checkpoint.c_str(),
                    static_cast<long long>(network.steps_taken(self.get())));
    } else if (options.resume) {
        std::printf("no checkpoint in %s yet: starting from the beginning\n", options.checkpoint_dir.c_str());
    }
    const auto save = [&] {
        if (checkpoint.empty()) return;
        std::ostringstream notes;
        progress.write(notes, run);
        network.save(self.get(), checkpoint.c_str(), fingerprint, notes.str().c_str(), status);
        check(status);
    };

    std::filesystem::path report = options.report;
    if (report.has_parent_path()) std::filesystem::create_directories(report.parent_path());
    const std::string csv = !options.csv.empty() ? options.csv
                            : checkpoint.empty() ? (report.parent_path() / "log.csv").string()
                                                 : (folder / "log.csv").string();

    data::Batches batches(train_set, normalisation, augmentation_of(options), options.batch, options.seed,
                          network.steps_taken(self.get()));
    const std::int64_t epoch_steps = batches.steps_per_epoch();
    const std::int64_t steps = options.epochs * epoch_steps;
    const auto rate_at = schedule_of(options, steps);

    std::printf("%s on %s: %zu parameters, %.1f M multiply-adds an image, %d images to train on, %d to test, %d thread%s\n",
                options.network.c_str(), options.data.c_str(), network.parameter_count, static_cast<double>(network.macs) * 1e-6,
                train_set.size(), test_set.size(), settings.threads, settings.threads == 1 ? "" : "s");
    std::signal(SIGINT, on_interrupt);
    ProgressBar bar;
    double epoch_began = progress.seconds;
    std::int64_t images_before = progress.images;
    for (std::int64_t step = network.steps_taken(self.get()); step < steps; ++step) {
        const Clock::time_point began = Clock::now();
        const data::Batch& batch = batches.next();
        const double rate = rate_at(step);
        const AnyResult result = network.step(self.get(), batch.images, batch.labels, batch.n, rate, status);
        check(status);
        if (!std::isfinite(result.loss))
            throw Error("the loss is no longer finite at step " + std::to_string(step) + ": try a smaller --lr");

        progress.loss += result.loss * batch.n;
        progress.correct += result.correct;
        progress.images += batch.n;
        progress.add_point(result.loss, run);
        progress.seconds += std::chrono::duration<double>(Clock::now() - began).count();

        const double images = static_cast<double>(progress.images);
        const double train_error = 100 * (1 - static_cast<double>(progress.correct) / images);
        const double took = progress.seconds - epoch_began;
        const double speed = static_cast<double>(progress.images - images_before) / std::max(took, 1e-9);
        const bool epoch_ends = (step + 1) % epoch_steps == 0;
        const double left = static_cast<double>(steps - step - 1) * options.batch / std::max(speed, 1e-9);
        bar.show(batch.epoch + 1, options.epochs, static_cast<double>(step % epoch_steps + 1) / static_cast<double>(epoch_steps),
                 speed, progress.loss / images, train_error, left);

        if (epoch_ends) {
            bar.end();
            run.evaluation = evaluate(network, self.get(), test_set, normalisation);
            run.epochs.push_back({batch.epoch + 1, step + 1, rate, progress.loss / images, train_error, run.evaluation.loss,
                                  run.evaluation.error, speed, progress.seconds});
            std::printf("epoch %d: train loss %.4f, train error %.2f %%, test loss %.4f, test error %.2f %%, %.0f images/s\n",
                        batch.epoch + 1, progress.loss / images, train_error, run.evaluation.loss, run.evaluation.error, speed);
            std::fflush(stdout);
            write_csv(csv, run.epochs);
            progress.loss = 0;
            progress.correct = 0;
            progress.images = 0;
            images_before = 0;
            epoch_began = progress.seconds;
        }
        if (epoch_ends || (step + 1) % options.checkpoint_every == 0 || interrupted) save();
        if (interrupted) {
            std::printf("\ninterrupted after step %lld%s\n", static_cast<long long>(step + 1),
                        checkpoint.empty() ? "; without --checkpoint-dir nothing was saved"
                                           : ("; saved: go on with --resume (" + checkpoint + ")").c_str());
            return 130;
        }
    }

    if (run.evaluation.predictions.empty()) run.evaluation = evaluate(network, self.get(), test_set, normalisation);
    write_csv(csv, run.epochs);
    write_report(run, options.report);
    std::printf("log: %s\nreport: %s\n", csv.c_str(), options.report.c_str());
    std::printf("test error %.2f %%\n", run.evaluation.error);
    return 0;
}

}  // namespace train
