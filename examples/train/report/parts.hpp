// The parts of the report, each as HTML.
#pragma once

#include "../run.hpp"

#include <string>

namespace train::report {

// What a step takes, in MiB: of the images that a step had, not of as many as would fit.
struct Memory {
    double activations = 0;  // and their gradients, and scratch
    double parameters = 0;   // and their gradients and momenta
    double threads = 0;      // scratch of each

    double in_all() const { return activations + parameters + threads; }
};
Memory memory_of(const Run& run);

std::string figures(const Run& run);     // what the run came to, in a few numbers
std::string curves(const Run& run);      // loss and error, epoch by epoch
std::string epochs(const Run& run);      // the same as a table
std::string pictures(const Run& run);    // the first test images, and the mistakes of which the network was surest
std::string layers(const Run& run);      // the network, layer by layer
std::string provenance(const Run& run);  // how the report was made: what is needed to make it again

}  // namespace train::report
