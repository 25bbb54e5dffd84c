// What the race starts from.
#pragma once

#include "network.hpp"

#include <residua/data/dataset.hpp>
#include <residua/data/normalisation.hpp>
#include <residua/networks/parameters.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace paper::race {

// Drawn with the variances with which PyTorch draws its own, 1 / (3 fan in). The whitening layer has the filters of the first
// 5,000 images (whitening.hpp); in each convolution behind it the first filters hand on a channel each, and where there are more
// filters than channels the others are as they were drawn.
Parameters<Net> first_weights(const data::Dataset& train, const data::Normalisation& normalisation, std::uint64_t seed);

// The whitening layer's.
inline std::span<float> whitening_weight(Parameters<Net>& parameters) { return parameters.tensor<"conv1.weight">(); }
inline std::span<float> whitening_bias(Parameters<Net>& parameters) { return parameters.tensor<"conv1.bias">(); }

// Values as they are now, to be set back after each step that moves them.
class Kept {
public:
    explicit Kept(std::span<float> values) : values_(values), as_they_were_(values.begin(), values.end()) {}

    void set_back() const { std::copy(as_they_were_.begin(), as_they_were_.end(), values_.begin()); }

private:
    std::span<float> values_;
    std::vector<float> as_they_were_;
};

}  // namespace paper::race
