// One evaluation: a network, its weights, and the test images of a data set.
#pragma once

#include "../parts/image_set.hpp"

#include <residua/any_inference.hpp>
#include <residua/inference/evaluation.hpp>

#include <algorithm>
#include <map>
#include <string>

namespace evaluate {

struct Options {
    std::string network = "resnet20";
    std::string names = "as_is";
    std::string weights;
    std::string data = "cifar10";
    std::string data_dir;
    int threads = 0;     // 0: all of the machine's
    int batch = 0;       // 0: as many as the program was built for
    std::string report;  // empty: none
    std::string command;
};

// All that the report shows.
struct Run {
    Options options;      // with zeros worked out
    std::string network;  // of the form that the weights have
    residua::AnyInference table;
    std::map<std::string, std::string> metadata;
    const parts::ImageSet* test = nullptr;
    residua::Evaluation evaluation;
    double seconds = 0;
};

// Five, or as many classes as there are.
inline int guesses_of(const Run& run) { return std::min(5, run.table.classes); }

// Prints the result and writes the report. Errors: options, weights and data that will not do; a report that cannot be written,
// which is tried before anything is computed.
void evaluate_network(const Options& options);

// Error: it cannot be written.
void write_report(const Run& run);

}  // namespace evaluate
