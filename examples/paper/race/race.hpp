// One race, from the first weights to the last step.
#pragma once

#include "finish.hpp"
#include "part.hpp"

#include <residua/data/dataset.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace paper::race {

struct Progress {
    std::int64_t step = 0;
    std::int64_t steps = 0;
    double loss = 0;
    double seconds_left = 0;
};

// Nothing: a signal ended it (train/stop.hpp). It is not saved on its way: the clock would not be one.
std::optional<Finish> run(const Plan& plan, const residua::data::Dataset& train, const residua::data::Dataset& test, int threads,
                          const std::function<void(const Progress&)>& show);

// What each part of the network takes of a step on a whole batch: the median of nine steps of a network that ends behind it, less
// that of one that ends before. (Smoke: of one step on a few images.)
std::vector<Part> parts_of_a_step(int threads, bool is_smoke);

// The network in words, and all numbers of the recipe.
std::string network_in_words();
std::string recipe_in_words();

}  // namespace paper::race
