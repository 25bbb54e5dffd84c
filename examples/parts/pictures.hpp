// Images of a data set in a page (HTML), with what they were taken for.
#pragma once

#include "image_set.hpp"

#include <residua/inference/evaluation.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace parts {

// Each with how surely it was taken for what, and, where that is not what it shows, what it shows. `evaluation` is of the set's
// images from the first on.
std::string picture_list(const ImageSet& set, const residua::Evaluation& evaluation, const std::vector<std::size_t>& images);

// The mistakes of which the network was surest, the surest first.
std::vector<std::size_t> surest_mistakes(const ImageSet& set, const residua::Evaluation& evaluation, std::size_t at_most);

// Those that were taken for anything with the lowest probability, the lowest first.
std::vector<std::size_t> least_certain(const residua::Evaluation& evaluation, std::size_t at_most);

}  // namespace parts
