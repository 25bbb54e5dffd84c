// What was taken for what, as a table (HTML).
#pragma once

#include "image_set.hpp"

#include <residua/inference/evaluation.hpp>

#include <string>

namespace parts {

// A row for what images show, a column for what they were taken for; of more than 128 classes, the pairs that were most often
// confused. `evaluation` is of the set's images from the first on.
std::string confusion(const ImageSet& set, const residua::Evaluation& evaluation);

}  // namespace parts
