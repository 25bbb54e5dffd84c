#include "run.hpp"

#include "../parts/engine.hpp"
#include "../parts/progress_bar.hpp"
#include "../parts/weight_file.hpp"
#include "images.hpp"
#include "networks.hpp"

#include <residua/inference/classify.hpp>
#include <residua/io/name_maps.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <span>
#include <thread>

namespace classify {

using namespace parts;
using namespace residua;

namespace {

// A line a class. Error: another number of them than the network tells apart.
std::vector<std::string> read_labels(const std::string& path, int classes) {
    std::ifstream file(path);
    std::vector<std::string> labels;
    for (std::string line; std::getline(file, line);) {
        if (line.ends_with('\r')) line.pop_back();
        labels.push_back(line);
    }
    if (!file.eof()) throw Error("--labels " + path + ": cannot be read");
    if (labels.size() == static_cast<std::size_t>(classes)) return labels;
    throw Error("--labels " + path + ": expected " + std::to_string(classes) + " lines, a label for each class, found " +
                std::to_string(labels.size()));
}

class Classification {
public:
    explicit Classification(const Options& options)
        : options_(options),
          table_(chosen(choices(), options.network, "imagenet", more_choices())),
          image_{table_.input.channels, table_.input.height, table_.input.width},
          labels_(options.labels.empty() ? std::vector<std::string>() : read_labels(options.labels, table_.classes)),
          normalisation_(normalisation_of(metadata_of(options.weights), options.names, image_)),
          engine_(table_, options.weights, options.names, threads_of(options)) {}

    // The number of those that could not be read.
    int run() {
        for (const std::string& file : options_.images) {
            take(file);
            ++looked_at_;
            if (static_cast<int>(files_.size()) == table_.capacity) print();
            show();
        }
        if (!files_.empty()) print();
        return broken_;
    }

private:
    static int threads_of(const Options& options) {
        return options.threads > 0 ? options.threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    }

    void take(const std::string& file) {
        try {
            const std::vector<std::uint8_t> pixels = seen(file, image_, options_.crop);
            pixels_.insert(pixels_.end(), pixels.begin(), pixels.end());
            files_.push_back(file);
        } catch (const Error& error) {
            bar_.end();
            std::fprintf(stderr, "classify: %s\n", error.what());
            ++broken_;
        }
    }

    // Of the images that were taken, which are then done with.
    void print() {
        const std::size_t classes = static_cast<std::size_t>(table_.classes);
        std::vector<float> logits(files_.size() * classes);
        AnyStatus status;
        const std::vector<float> images = normalised(pixels_, normalisation_);
        table_.infer(engine_.self(), images.data(), static_cast<int>(files_.size()), logits.data(), status);
        if (!status.ok()) throw Error(status.message);

        bar_.end();
        for (std::size_t i = 0; i < files_.size(); ++i) {
            print_image(files_[i], std::span<const float>(logits).subspan(i * classes, classes));
        }
        std::fflush(stdout);
        files_.clear();
        pixels_.clear();
    }

    void print_image(const std::string& file, std::span<const float> logits) const {
        constexpr int most_guesses = 5;
        std::vector<float> probabilities(logits.size());
        softmax(logits, std::span<float>(probabilities));
        std::printf("%s\n", file.c_str());
        for (const int guess : top_k(logits, std::min(most_guesses, table_.classes))) {
            const auto index = static_cast<std::size_t>(guess);
            const std::string label = labels_.empty() ? "class " + std::to_string(guess) : labels_[index];
            std::printf("  %6.2f %%  %s\n", 100 * static_cast<double>(probabilities[index]), label.c_str());
        }
    }

    void show() {
        const double in_all = static_cast<double>(options_.images.size());
        const double done = static_cast<double>(looked_at_) / in_all;
        if (done >= 1) return;  // (what follows are the last results)
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
        bar_.show(false, [&](int columns) {
            const std::string left = clock_time((1 - done) / done * seconds) + " left";
            return fitted_line(
                {{std::to_string(looked_at_) + " of " + std::to_string(options_.images.size()), 1}, {"", 2}, {left, 0}}, 1, done,
                columns);
        });
    }

    const Options& options_;
    AnyInference table_;
    Shape image_;
    std::vector<std::string> labels_;  // of each class, or none
    data::Normalisation normalisation_;
    Engine engine_;
    std::vector<std::string> files_;    // that wait to be classified
    std::vector<std::uint8_t> pixels_;  // of these
    int broken_ = 0;
    std::size_t looked_at_ = 0;
    ProgressBar bar_{Elsewhere::nothing};
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace

int classify_images(const Options& options) {
    io::name_map(options.names);
    return Classification(options).run();
}

}  // namespace classify
