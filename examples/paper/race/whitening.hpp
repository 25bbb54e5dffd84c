// Filters that make windows of images uncorrelated.
#pragma once

#include <residua/data/dataset.hpp>
#include <residua/data/normalisation.hpp>

#include <cstddef>
#include <vector>

namespace paper::race {

// Of a symmetric matrix [n][n]: eigenvectors, each a row of length one, and their eigenvalues.
struct Eigen {
    std::vector<double> vectors;  // [n][n]
    std::vector<double> values;   // [n]
};
Eigen eigen_of(std::vector<double> matrix, std::size_t n);

// [2 n][channels][side][side] of windows of so many pixels, n = channels side side: each principal component of the first
// `images` images, divided by the square root of its variance; then the negatives of all.
std::vector<float> whitening_filters(const residua::data::Dataset& set, const residua::data::Normalisation& normalisation,
                                     int side, int images);

}  // namespace paper::race
