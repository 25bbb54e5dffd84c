#include "settings.hpp"

#include "networks.hpp"
#include "text.hpp"

#include <residua/data/cifar.hpp>
#include <residua/data/idx.hpp>
#include <residua/training/schedule.hpp>

#include <algorithm>
#include <cstdio>
#include <thread>

namespace train {

using namespace residua;

namespace {

data::Dataset read_files(const Options& options, data::Part part, const AnyNetwork& network) {
    if (options.data == "cifar10") return data::read_cifar10(options.data_dir, part);
    if (options.data == "cifar100") return data::read_cifar100(options.data_dir, part);
    if (options.data == "fashion-mnist") return data::read_fashion_mnist(options.data_dir, part);
    const AnyShape& image = network.input;
    return data::read_idx(options.data_dir, part, network.classes, Shape{image.channels, image.height, image.width});
}

std::string described(const data::Dataset& set) {
    char text[64];
    std::snprintf(text, sizeof text, "%d images (content %016llx)", set.size(),
                  static_cast<unsigned long long>(data::content_hash(set)));
    return text;
}

}  // namespace

Options resolved(Options options) {
    const bool cifar = options.data.rfind("cifar", 0) == 0;
    if (options.augment == "default") options.augment = cifar ? "crop-flip" : "flip";
    if (options.mean == "default") options.mean = "channel";
    options.momentum += 0.0;  // -0 is 0 in a checkpoint too
    options.weight_decay += 0.0;
    if (options.threads == 0) options.threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    return options;
}

AnyNetwork chosen(const Options& options) {
    const std::string data = options.data == "mnist" ? "fashion-mnist" : options.data;
    for (const Choice& choice : choices()) {
        if (options.network == choice.network && data == choice.data) return choice.make();
    }
    std::string list;
    for (const Choice& choice : choices()) {
        if (data == choice.data) list += std::string("\n  ") + choice.network;
    }
    if (list.empty()) list = "\n  (none)";
    throw Error("expected a network of this list, found '" + options.network + "' (others: " + more_choices() + "); for " + data +
                " there are" + list);
}

data::Dataset read(const Options& options, data::Part part, const AnyNetwork& network) {
    data::Dataset set = read_files(options, part, network);
    const std::string where = options.data_dir + (part == data::Part::train ? ": training images" : ": test images");
    const std::string expected = shown(network.input);
    const std::string found = shown(set.image);
    if (expected != found) throw Error(where + ": expected " + expected + ", as the network takes them, found " + found);
    if (set.classes != network.classes) {
        throw Error(where + ": expected " + std::to_string(network.classes) + " classes, as the network tells apart, found " +
                    std::to_string(set.classes));
    }
    return set;
}

data::Augmentation augmentation_of(const Options& options) {
    return {options.augment == "crop-flip" ? 4 : 0, options.augment != "none"};
}

data::Normalisation normalisation_of(const Options& options, const data::Dataset& train_set) {
    return options.mean == "pixel" ? data::per_pixel_mean(train_set) : data::per_channel(train_set);
}

std::function<double(std::int64_t)> schedule_of(const Options& options, std::int64_t steps) {
    std::function<double(std::int64_t)> schedule =
        OneCycle{options.rate, steps, options.schedule == "one-cycle" ? Anneal::linear : Anneal::cosine};
    if (options.schedule == "constant") schedule = Constant{options.rate};
    if (options.schedule == "steps") schedule = Steps{options.rate, {steps / 2, steps * 3 / 4}};  // the paper: 32k and 48k of 64k
    if (options.warm_up > 0) schedule = WarmUp{0.01, options.warm_up, schedule};
    return schedule;
}

AnySettings trainer_settings_of(const Options& options) {
    AnySettings settings;
    settings.momentum = options.momentum;
    settings.weight_decay = options.weight_decay;
    settings.nesterov = options.nesterov;
    settings.decays_all = options.decay == "all";
    settings.threads = options.threads;
    settings.seed = options.seed;
    return settings;
}

std::string data_text(const data::Dataset& train_set, const data::Dataset& test_set) {
    return "training data: " + described(train_set) + "\ntest data: " + described(test_set) + "\n";
}

std::string settings_text(const Options& options, const data::Dataset& train_set, const data::Dataset& test_set) {
    return options_text(options) + data_text(train_set, test_set);
}

}  // namespace train
