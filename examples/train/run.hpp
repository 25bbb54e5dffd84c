// One training run, from data to report.
#pragma once

#include "options.hpp"

#include <residua/any_network.hpp>
#include <residua/data/dataset.hpp>

#include <string>
#include <vector>

namespace train {

// One line of the CSV.
struct Epoch {
    int epoch = 0;  // counted from 1
    std::int64_t step = 0;
    double rate = 0;
    double train_loss = 0;
    double train_error = 0;  // %
    double test_loss = 0;
    double test_error = 0;  // %
    double images_per_second = 0;
    double seconds = 0;  // of training, since the run began, without interruptions
};

// What a network says of a data set.
struct Evaluation {
    double loss = 0;
    double error = 0;                // %
    std::vector<int> predictions;    // [images]
    std::vector<float> confidences;  // [images], of the prediction
};

// All that the report shows.
struct Run {
    Options options;
    residua::AnyNetwork network;
    std::vector<Epoch> epochs;
    std::vector<double> step_losses;  // each a mean over `steps_a_point` steps
    int steps_a_point = 1;
    Evaluation evaluation;
    const residua::data::Dataset* test = nullptr;
};

// Trains, tests, writes CSV, checkpoints and the report. The program's exit code: 0, or 130 after Ctrl-C (which saves first).
int train_network(const Options& options);

// Errors are thrown as residua::Error.
void write_report(const Run& run, const std::string& path);

}  // namespace train
