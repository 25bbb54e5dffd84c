#include "settings.hpp"

#include "networks.hpp"
#include "text.hpp"

#include <residua/data/cifar.hpp>
#include <residua/data/idx.hpp>
#include <residua/training/schedule.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <thread>

namespace train {

using namespace residua;

namespace {

ImageSet read_files(const Options& options, data::Part part, const AnyNetwork& network) {
    if (options.data == "cifar10") return ImageSet(data::read_cifar10(options.data_dir, part));
    if (options.data == "cifar100") return ImageSet(data::read_cifar100(options.data_dir, part));
    if (options.data == "fashion-mnist") return ImageSet(data::read_fashion_mnist(options.data_dir, part));
    const AnyShape& image = network.input;
#ifdef RESIDUA_PROGRAM_IMAGES
    if (options.data == "imagenet") {
        const std::filesystem::path folder =
            std::filesystem::path(options.data_dir) / (part == data::Part::train ? "train" : "val");
        return ImageSet(data::ImageFolder(folder, {.crop = {image.height, image.width}, .shorter_side = 256}));
    }
#endif
    return ImageSet(data::read_idx(options.data_dir, part, network.classes, Shape{image.channels, image.height, image.width}));
}

std::string described(const ImageSet& set) {
    char text[64];
    std::snprintf(text, sizeof text, "%d images (content %016llx)", set.size(), static_cast<unsigned long long>(set.content()));
    return text;
}

}  // namespace

Options resolved(Options options) {
    const bool is_cifar = options.data.rfind("cifar", 0) == 0;
    const char* usual = options.data == "imagenet" ? "scale-crop-flip" : is_cifar ? "crop-flip" : "flip";
    if (options.augment == "default") options.augment = usual;
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

ImageSet read(const Options& options, data::Part part, const AnyNetwork& network) {
    ImageSet set = read_files(options, part, network);
    const std::string where = options.data_dir + (part == data::Part::train ? ": training images" : ": test images");
    const std::string expected = shown(network.input);
    const std::string found = shown(set.image());
    if (expected != found) throw Error(where + ": expected " + expected + ", as the network takes them, found " + found);
    if (set.classes() != network.classes) {
        throw Error(where + ": expected " + std::to_string(network.classes) + " classes, as the network tells apart, found " +
                    std::to_string(set.classes()));
    }
    return set;
}

data::Augmentation augmentation_of(const Options& options) {
    data::Augmentation augmentation;
    augmentation.flip = options.augment != "none";
    if (options.augment == "crop-flip") augmentation.pad = 4;
    if (options.augment == "scale-crop-flip") augmentation.shorter_side = {256, 480};
    if (options.augment == "aspect-flip") augmentation.scale_and_aspect = true;
    return augmentation;
}

data::Normalisation normalisation_of(const Options& options, const ImageSet& train_set) {
    if (const data::Dataset* set = train_set.in_memory()) {
        return options.mean == "pixel" ? data::per_pixel_mean(*set) : data::per_channel(*set);
    }
    if (options.mean == "pixel") throw Error("mean: expected channel for " + options.data + ", whose mean is known, found pixel");
    return data::per_channel(train_set.image(), {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225});  // torchvision's
}

std::function<double(std::int64_t)> schedule_of(const Options& options, std::int64_t steps) {
    std::function<double(std::int64_t)> schedule =
        OneCycle{options.rate, steps, options.schedule == "one-cycle" ? Anneal::linear : Anneal::cosine};
    if (options.schedule == "constant") schedule = Constant{options.rate};
    if (options.schedule == "steps") schedule = Steps{options.rate, {steps / 2, steps * 3 / 4}};  // the paper: 32k and 48k of 64k
    if (options.schedule == "thirds") schedule = Steps{options.rate, {steps / 3, steps * 2 / 3}};  // of 90 epochs: 30 and 60
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

std::string data_text(const ImageSet& train_set, const ImageSet& test_set) {
    return "training data: " + described(train_set) + "\ntest data: " + described(test_set) + "\n";
}

std::string settings_text(const Options& options, const ImageSet& train_set, const ImageSet& test_set) {
    return options_text(options) + data_text(train_set, test_set);
}

}  // namespace train
