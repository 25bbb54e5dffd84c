// train: trains a residual network of the paper, chosen by its name, on CIFAR-10, CIFAR-100, the MNIST family or ImageNet.
//
//   train --network preact20 --data cifar10 --data-dir DIR --epochs 10 --schedule one-cycle --lr 0.1 --batch 128 --seed 1
//         --threads 2 --checkpoint-dir runs/a --resume
//
// Shows a progress bar; writes a line of CSV an epoch, checkpoints that a later run goes on from with the same bits, and at the
// end one HTML file with curves, layers, confusion matrix and pictures. Ctrl-C, SIGTERM and SIGHUP save and stop.
#include "../parts/command_line.hpp"
#include "networks.hpp"
#include "run.hpp"

#include <residua/core/error.hpp>

#include <CLI/CLI.hpp>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>

namespace {

// A finite number for which `holds` is true. (CLI11's own ranges let NaN pass.)
CLI::Validator finite(const std::string& what, bool (*holds)(double)) {
    const auto trouble = [what, holds](const std::string& text) -> std::string {
        double value = 0;
        const bool good = CLI::detail::lexical_cast(text, value) && std::isfinite(value) && holds(value);
        return good ? "" : "expected " + what + ", found " + text;
    };
    return CLI::Validator(trouble, "");
}

}  // namespace

int main(int argc, char** argv) {
    parts::open_closed_streams();

    train::Options options;
    CLI::App app("Trains a residual network (He et al. 2016)");
    app.option_defaults()->multi_option_policy(
        CLI::MultiOptionPolicy::TakeLast);  // so that a script's defaults can be overridden
    app.add_option("--network", options.network, "network, e.g. preact20, resnet20, resnet20-a2")->capture_default_str();
    app.add_option("--data", options.data, "data set: fashion-mnist, mnist, cifar10, cifar100, imagenet (DIR/train, DIR/val)")
        ->check(CLI::IsMember({"fashion-mnist", "mnist", "cifar10", "cifar100", "imagenet"}))
        ->capture_default_str();
    app.add_option("--data-dir", options.data_dir, "its folder")->capture_default_str();
    app.add_option(
           "--augment", options.augment,
           "none, flip, crop-flip (pad by 4 and crop, and flip); of ImageNet scale-crop-flip (a shorter side of 256 to 480, "
           "a window anywhere, and flip) and aspect-flip (8 to 100 % of the area, 3:4 to 4:3, and flip)")
        ->check(CLI::IsMember({"default", "none", "flip", "crop-flip", "scale-crop-flip", "aspect-flip"}))
        ->capture_default_str();
    app.add_option("--mean", options.mean, "what is subtracted: pixel (the paper's) or channel (and divided by its deviation)")
        ->check(CLI::IsMember({"default", "pixel", "channel"}))
        ->capture_default_str();
    app.add_option("--schedule", options.schedule,
                   "learning rate: constant, steps (the paper's), thirds (that of ImageNet), one-cycle, one-cycle-cosine")
        ->check(CLI::IsMember({"constant", "steps", "thirds", "one-cycle", "one-cycle-cosine"}))
        ->capture_default_str();
    app.add_option("--warm-up", options.warm_up, "first steps, with a learning rate of 0.01 (the paper: 400)")
        ->check(parts::whole_number(0, 1'000'000'000))
        ->capture_default_str();
    app.add_option("--epochs", options.epochs, "times through the data")
        ->check(parts::whole_number(1, 100'000))
        ->capture_default_str();
    app.add_option("--batch", options.batch, "images a step")->check(parts::whole_number(1, 256))->capture_default_str();
    app.add_option("--lr", options.rate, "learning rate (of one-cycle: its peak)")
        ->check(finite("a finite number above 0", [](double rate) { return rate > 0; }))
        ->capture_default_str();
    app.add_option("--momentum", options.momentum, "momentum, at least 0 and below 1")
        ->check(finite("a number of at least 0 and below 1", [](double m) { return m >= 0 && m < 1; }))
        ->capture_default_str();
    app.add_flag("--nesterov", options.nesterov, "Nesterov's momentum");
    app.add_option("--weight-decay", options.weight_decay, "weight decay")
        ->check(finite("a finite number of 0 or more", [](double decay) { return decay >= 0; }))
        ->capture_default_str();
    app.add_option("--decay", options.decay, "what decays: all (the paper), or weights (not BN and biases)")
        ->check(CLI::IsMember({"all", "weights"}))
        ->capture_default_str();
    app.add_option("--seed", options.seed, "of weights, order and augmentation")
        ->check(parts::whole_number(0, UINT64_MAX))
        ->capture_default_str();
    app.add_option("--threads", options.threads, "threads; 0: all of the machine's")
        ->check(parts::whole_number(0, 1024))
        ->capture_default_str();
    app.add_option("--checkpoint-dir", options.checkpoint_dir, "folder of the checkpoint; empty: none");
    app.add_option("--checkpoint-every", options.checkpoint_every, "steps between checkpoints, beside each epoch's end")
        ->check(parts::whole_number(1, 1'000'000'000))
        ->capture_default_str();
    CLI::Option* resume = app.add_flag("--resume", options.resume, "go on from the folder's checkpoint, if there is one");
    app.add_flag("--overwrite", options.overwrite, "start anew although the folder holds a checkpoint")->excludes(resume);
    app.add_option("--csv", options.csv, "file for a line an epoch; default: log.csv beside the checkpoint or the report");
    app.add_option("--report", options.report, "HTML file to write at the end")->capture_default_str();
    app.add_option(
        "--weights", options.weights,
        "safetensors file for the last epoch's weights; those of the epoch with the lowest training loss go beside it, as "
        "NAME.best.safetensors; default: beside the report, under its name; /dev/null: none");
    CLI11_PARSE(app, argc, argv);

    options.command = parts::command_of(argc, argv);
    try {
        const int code = train::train_network(options);
        if (code == 0) parts::expect_printed();
        return code;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "train: %s\n", error.what());
        return 1;
    }
}
