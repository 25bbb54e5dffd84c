// What the user asks of the program.
#pragma once

#include <cstdint>
#include <string>

namespace train {

struct Options {
    std::string network = "preact20";
    std::string data = "fashion-mnist";
    std::string data_dir = "/usr/share/datasets/fashion-mnist";
    std::string augment = "default";  // none, flip, crop-flip, scale-crop-flip, aspect-flip; default: by the data
    std::string mean = "default";     // pixel, channel; default: channel
    std::string schedule = "one-cycle";
    std::string decay = "all";  // or weights
    int warm_up = 0;            // steps with a learning rate of 0.01 before the schedule's (the paper: 400)
    int epochs = 3;
    int batch = 128;
    double rate = 0.1;
    double momentum = 0.9;
    double weight_decay = 1e-4;
    bool nesterov = false;
    std::uint64_t seed = 1;
    int threads = 0;  // 0: all of the machine's
    std::string checkpoint_dir;
    int checkpoint_every = 500;  // steps, beside each epoch's end
    bool resume = false;
    bool overwrite = false;
    std::string csv;
    std::string report = "report.html";
    std::string weights;  // empty: beside the report
    std::string command;  // as a shell takes it
};

// Those on which a run's numbers depend, "name: value" a line: not folders, files and threads.
std::string options_text(const Options& options);

}  // namespace train
