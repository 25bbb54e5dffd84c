// One evaluation: a network, its weights, and the test images of a data set.
#pragma once

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

// Prints the result and writes the report. Errors: options, weights and data that will not do; a report that cannot be written,
// which is tried before anything is computed.
void evaluate_network(const Options& options);

}  // namespace evaluate
