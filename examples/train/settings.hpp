// What the options mean: the network, the data and the schedule that they name, and the run's settings as text.
#pragma once

#include "../parts/image_set.hpp"
#include "options.hpp"

#include <residua/any_network.hpp>
#include <residua/data/augment.hpp>

#include <functional>
#include <string>

namespace train {

// The same with "default" and zero threads worked out.
Options resolved(Options options);

// The network of that name for that data. Error: there is none, with the list of those that there are.
residua::AnyNetwork chosen(const Options& options);

// Error: the files are not there, are damaged, or hold images that the network does not take.
parts::ImageSet read(const Options& options, residua::data::Part part, const residua::AnyNetwork& network);

residua::data::Augmentation augmentation_of(const Options& options);
residua::data::Normalisation normalisation_of(const Options& options, const parts::ImageSet& train_set);
std::function<double(std::int64_t)> schedule_of(const Options& options, std::int64_t steps);
residua::AnySettings trainer_settings_of(const Options& options);

// All that must be the same for a run to go on with the bits it would have had, "name: value" a line: what it was told
// (options_text), and its data. Of resolved options.
std::string data_text(const parts::ImageSet& train_set, const parts::ImageSet& test_set);
std::string settings_text(const Options& options, const parts::ImageSet& train_set, const parts::ImageSet& test_set);

}  // namespace train
