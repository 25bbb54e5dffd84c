// The networks that this program was built with: one translation unit each, written down in the list that CMake makes.
#pragma once

#include "../parts/choice.hpp"

#include <residua/any_network.hpp>

#include <vector>

namespace train {

// In the order of the list that CMake was given.
const std::vector<parts::Choice<residua::AnyNetwork>>& choices();

// How a user gets others: "build with ...".
const char* more_choices();

}  // namespace train
