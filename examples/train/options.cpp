#include "options.hpp"

#include "../parts/text.hpp"

namespace train {

using namespace parts;

std::string options_text(const Options& options) {
    std::string text;
    const auto add = [&](const char* name, const std::string& value) { text += std::string(name) + ": " + value + "\n"; };
    add("network", options.network);
    add("data", options.data);
    add("augment", options.augment);
    add("mean", options.mean);
    add("schedule", options.schedule);
    add("warm-up", std::to_string(options.warm_up));
    add("epochs", std::to_string(options.epochs));
    add("batch", std::to_string(options.batch));
    add("lr", exact(options.rate));
    add("momentum", exact(options.momentum));
    add("nesterov", options.nesterov ? "on" : "off");
    add("weight-decay", exact(options.weight_decay));
    add("decay", options.decay);
    add("seed", std::to_string(options.seed));
    return text;
}

}  // namespace train
