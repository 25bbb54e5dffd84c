// classify: what a network for ImageNet takes images for.
//
//   classify --network resnet50 --weights resnet50.safetensors --labels labels.txt a.jpg b.png
//
// Ends with 0 if every image was classified, with 1 after an error before the first (weights, labels), with 2 if images could not
// be read: those are named, and all others are classified.
#include "../parts/command_line.hpp"
#include "../parts/weight_file.hpp"
#include "networks.hpp"
#include "run.hpp"

#include <cstdio>
#include <exception>
#include <string>

namespace {

std::string footer() {
    std::string list = "Networks:";
    for (const auto& choice : classify::choices()) list += std::string(" ") + choice.network;
    return list + "\n(Others: " + classify::more_choices() +
           ".)\n\nThe exit code is 0 if every image was classified, 1 after an error, 2 if images could not be read: those are "
           "named, and all\nothers are classified.\n";
}

}  // namespace

int main(int argc, char** argv) {
    parts::open_closed_streams();

    classify::Options options;
    CLI::App app("Says what a residual network for ImageNet takes images for: the five likeliest classes of each");
    app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    app.add_option("--network", options.network, "network, e.g. resnet18, resnet50")->capture_default_str();
    app.add_option("--names", options.names, "how the weights' tensors are named: " + parts::maps_of_names())
        ->capture_default_str();
    app.add_option("--weights", options.weights,
                   "safetensors file. Images are normalised as its metadata say, as those of train do, or else as the project of "
                   "--names does")
        ->required();
    app.add_option("--labels", options.labels,
                   "text file, a line for each class; without it classes are called by their numbers");
    app.add_option("--threads", options.threads, "threads; 0: all of the machine's; they do not change the numbers")
        ->check(parts::whole_number(0, 1024))
        ->capture_default_str();
    app.add_option(
           "--crop", options.crop,
           "how much of the shorter side is seen; torchvision's 224 of 256 are 0.875, timm's weights say theirs (crop_pct)")
        ->check(CLI::Range(0.1, 1.0))
        ->capture_default_str();
    app.add_option("images", options.images, "JPEG and PNG files; of each the middle is seen (--crop)")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->required();
    app.footer(footer());
    CLI11_PARSE(app, argc, argv);

    try {
        const int broken = classify::classify_images(options);
        parts::expect_printed();
        if (broken == 0) return 0;
        std::fprintf(stderr, "classify: %d of %zu images could not be read\n", broken, options.images.size());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "classify: %s\n", error.what());
        return 1;
    }
}
