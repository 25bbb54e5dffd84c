// What an evaluation found, as one HTML file.
#pragma once

#include "../parts/image_set.hpp"
#include "run.hpp"

#include <residua/any_inference.hpp>
#include <residua/inference/evaluation.hpp>

#include <algorithm>
#include <map>
#include <string>

namespace evaluate {

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

// Error: it cannot be written.
void write_report(const Run& run);

}  // namespace evaluate
