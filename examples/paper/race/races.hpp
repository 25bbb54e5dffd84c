// The claim `race`: all races, run in folders as other claims' runs are.
#pragma once

#include "../experiment.hpp"

namespace paper::race {

// Runs what is left and writes race.csv, race.svg and race.md into the options' folder after each race. The exit code: 0, or 128
// and the signal that stopped it. Errors: of files; CIFAR-10 is not there.
int run_races(const ExperimentOptions& options);

}  // namespace paper::race
