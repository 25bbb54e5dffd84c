// The data sets that a claim's rows train and test on.
#pragma once

#include "../parts/image_set.hpp"
#include "claim.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>

namespace paper {

// Where a data set's files are: in the folder, or in one below it of its archive's name.
std::string folder_with(const std::string& data, const std::string& folder);

// Each read once: from a folder, or from cifar-10-batches-bin, cifar-100-binary and imagenet in it.
class DataSets {
public:
    explicit DataSets(std::string folder) : folder_(std::move(folder)) {}

    struct Pair {
        parts::ImageSet train;
        parts::ImageSet test;
    };
    // Error: its files are not there, or not what they should be.
    const Pair& of(const RunSettings& settings);

private:
    std::string folder_;
    std::map<std::string, std::unique_ptr<Pair>> read_;
};

}  // namespace paper
