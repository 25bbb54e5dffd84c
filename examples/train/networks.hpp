// The networks that this program was built with: one translation unit each, written down in the list that CMake makes.
#pragma once

#include <residua/any_network.hpp>

#include <string>
#include <vector>

namespace train {

// A network for a data set.
struct Choice {
    const char* network;
    const char* data;
    residua::AnyNetwork (*make)();
};

// In the order of the list that CMake was given.
const std::vector<Choice>& choices();

// How a user gets others: "build with ...".
const char* more_choices();

}  // namespace train
