#include "settings.hpp"

#include "../parts/text.hpp"

#include "networks.hpp"

#include <residua/training/schedule.hpp>

#include <algorithm>
#include <thread>

namespace train {

using namespace parts;
using namespace residua;

namespace {

std::string described(const ImageSet& set) {
    return format("%d images (content %016llx)", set.size(), static_cast<unsigned long long>(set.content()));
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
    return parts::chosen(choices(), options.network, data, more_choices());
}

ImageSet read(const Options& options, data::Part part, const AnyNetwork& network) {
    return parts::read_images(options.data, options.data_dir, part, network.input, network.classes);
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
