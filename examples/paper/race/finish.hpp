// What a race leaves behind, in a folder of its own: log.csv, and result.txt once it is over.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace paper::race {

// One race: so many times through the data, to a share of right answers, %.
struct Plan {
    double goal = 0;
    double epochs = 0;
    std::uint64_t seed = 1;
    int images = 0;  // so many from the beginning; 0: all
    int test_images = 0;
    std::string recipe = {};  // in words

    // race.9.9-epochs.seed1
    std::string folder() const;
    // "name: value" a line: what the numbers depend on.
    std::string text() const;
};

// After each time through the data, and at the end.
struct Split {
    std::int64_t step = 0;
    double epoch = 0;
    double seconds = 0;   // by the clock of the race
    double loss = 0;      // in training, mean since the split before
    double accuracy = 0;  // of the test set, %, each image seen once
};

// The clock runs from the first look at the training images (their means) to the last step; it stands while the test set is
// looked at.
struct Finish {
    std::vector<Split> splits;
    double accuracy = 0;             // at the end, %, each test image seen once
    double accuracy_with_views = 0;  // each seen in six ways
    std::int64_t steps = 0;
    double seconds_to_begin = 0;    // means of images, first weights with the whitening
    double seconds_of_batches = 0;  // that steps waited for them
    double seconds_of_steps = 0;
    double seconds_of_averages = 0;
    int threads = 0;
    std::string processor;
    std::string version;
    std::string date;

    // "AMD EPYC, 2 threads".
    std::string machine() const;
    double seconds() const { return seconds_to_begin + seconds_of_batches + seconds_of_steps + seconds_of_averages; }
    // When the test set was first answered so well; no number: never.
    double seconds_to(double goal) const;
};

// Writes the result last: where it is, all is.
void write(const std::filesystem::path& folder, const Plan& plan, const Finish& finish);

// Nothing: the race is not over. Errors: a file is damaged, or of another race.
std::optional<Finish> finish_in(const std::filesystem::path& folder, const Plan& plan);

}  // namespace paper::race
