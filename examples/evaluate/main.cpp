// evaluate: how well a network with given weights knows the test images of a data set.
//
//   evaluate --network resnet20 --names akamaster --weights resnet20.safetensors --data cifar10 --data-dir DIR
//            --report report.html
#include "../parts/command_line.hpp"
#include "../parts/weight_file.hpp"
#include "networks.hpp"
#include "run.hpp"

#include <cstdio>
#include <exception>
#include <string>

namespace {

std::string networks() {
    std::string list;
    std::string data;
    for (const auto& choice : evaluate::choices()) {
        if (data != choice.data) {
            data = choice.data;
            list += (list.empty() ? "Networks for " : "\nNetworks for ") + data + ":";
        }
        list += std::string(" ") + choice.network;
    }
    return list + "\n(Others: " + evaluate::more_choices() + ".)\n";
}

}  // namespace

int main(int argc, char** argv) {
    parts::open_closed_streams();

    evaluate::Options options;
    CLI::App app("Says how well a residual network with given weights knows the test images of a data set");
    app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    app.add_option("--network", options.network, "network, e.g. resnet20, preact110, resnet20-a2")->capture_default_str();
    app.add_option("--names", options.names,
                   "how the weights' tensors are named: " + parts::maps_of_names() +
                       " (akamaster's are of option A with half of its zeros in front: resnet20 means resnet20-a2)")
        ->capture_default_str();
    app.add_option(
           "--weights", options.weights,
           "safetensors file. Images are normalised as its metadata say, as those of train do, or else as torchvision does")
        ->required();
    app.add_option("--data", options.data, "data set: fashion-mnist, mnist, cifar10, cifar100, imagenet (DIR/val)")
        ->check(CLI::IsMember({"fashion-mnist", "mnist", "cifar10", "cifar100", "imagenet"}))
        ->capture_default_str();
    app.add_option("--data-dir", options.data_dir, "its folder")->required();
    app.add_option("--threads", options.threads, "threads; 0: all of the machine's; they do not change the numbers")
        ->check(parts::whole_number(0, 1024))
        ->capture_default_str();
    app.add_option("--batch", options.batch,
                   "images at a time; 0: as many as the program was built for; it does not change the numbers")
        ->check(parts::whole_number(0, 1 << 20))
        ->capture_default_str();
    app.add_option("--report", options.report, "HTML file to write: confusion matrix, worst and least certain images");
    app.footer(networks());
    CLI11_PARSE(app, argc, argv);

    options.command = parts::command_of(argc, argv);
    try {
        evaluate::evaluate_network(options);
        parts::expect_printed();
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "evaluate: %s\n", error.what());
        return 1;
    }
}
