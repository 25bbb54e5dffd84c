// How far a run has come, beside the network's own state: what a checkpoint keeps in its notes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace train {

// One line of the log.
struct Epoch {
    std::int64_t epoch = 0;  // counted from 1
    std::int64_t step = 0;
    double rate = 0;
    double train_loss = 0;
    double train_error = 0;  // %
    double test_loss = 0;
    double test_error = 0;  // %
    double images_per_second = 0;
    double seconds = 0;  // of training, since the run began, without interruptions
};

// The loss, step by step, as a curve of fewer than 1000 points: each a mean over `steps_a_point` steps.
struct Curve {
    static constexpr std::size_t points_at_once = 1000;  // so many become half as many

    std::vector<double> points;
    int steps_a_point = 1;
    double sum = 0;  // of the next point's steps so far
    int steps = 0;

    void add(double loss);
};

struct Progress {
    // Of this epoch so far.
    double loss = 0;  // times images
    std::int64_t correct = 0;
    std::int64_t images = 0;

    double seconds = 0;  // of training
    Curve curve;
    std::vector<Epoch> epochs;

    void end_epoch(const Epoch& epoch);
};

// The log as CSV: a line of headings, a line an epoch. The same text reads back as the same text.
std::string csv_of(const std::vector<Epoch>& epochs);

// A few hundred bytes, at most 20 kB of curve, and the log.
std::string text_of(const Progress& progress);

// What a run has come to that has taken `steps` steps and ended `epochs` epochs. Error: it is no such text, or of no such run.
// However long the text, it takes no more memory than such a run's.
Progress progress_of(std::string_view text, std::int64_t steps, std::int64_t epochs);

}  // namespace train
