// The networks that this program was built with.
#pragma once

#include "../parts/choice.hpp"

#include <residua/any_inference.hpp>

namespace classify {

// In the order of the list that CMake was given.
const std::vector<parts::Choice<residua::AnyInference>>& choices();

// How a user gets others: "build with ...".
const char* more_choices();

}  // namespace classify
