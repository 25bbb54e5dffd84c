// Trains one run in its folder: takes it up where it stands, and leaves it so that it can be taken up.
#pragma once

#include "data_sets.hpp"
#include "folder.hpp"

#include <cstdint>
#include <functional>

namespace paper {

// How far a run has come.
struct Pace {
    std::int64_t step = 0;
    std::int64_t steps = 0;
    double loss = 0;
    double images_per_second = 0;
};

enum class Ended {
    finished,     // or diverged: the folder has its result
    interrupted,  // by a signal (train/stop.hpp): saved
    elsewhere     // another process is at it
};

// Saves every two minutes, and when a signal asks it to end. Errors: of files; settings that fit no network or no data.
Ended train_run(const RunSettings& settings, const RunFolder& folder, DataSets& data, int threads,
                const std::function<void(const Pace&)>& show);

// Images a second of two steps of that network in batches of that size, on nothing: for a first guess of how long a claim takes.
double measured_pace(const RunSettings& settings, int threads);

// How many steps a run takes on so many images.
std::int64_t steps_of(const RunSettings& settings, int training_images);

}  // namespace paper
