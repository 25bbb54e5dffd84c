// One training run, from data to report.
#pragma once

#include "../parts/evaluate.hpp"
#include "../parts/image_set.hpp"
#include "options.hpp"
#include "progress.hpp"

#include <residua/any_network.hpp>

#include <filesystem>
#include <string>

namespace train {

// All that the report shows.
struct Run {
    Options options;
    residua::AnyNetwork network;
    Progress progress;
    residua::Evaluation evaluation;
    const parts::ImageSet* train = nullptr;
    const parts::ImageSet* test = nullptr;
    std::string weights;  // where they are, in words
    std::string log;
};

// Trains, tests, writes CSV, checkpoints and the report. The program's exit code: 0, or 128 and the number of the signal that
// stopped it (saved first). Errors: options, data and paths that will not do, each before the first step; divergence, which
// leaves the last good checkpoint as it is.
int train_network(const Options& options);

// Errors are thrown as residua::Error.
void write_report(const Run& run, const std::filesystem::path& path);

}  // namespace train
