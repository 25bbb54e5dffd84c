#include "folder.hpp"

#include "../parts/text.hpp"
#include "text_file.hpp"

#include <residua/core/hash.hpp>

#include <algorithm>

namespace paper {

using namespace residua;
namespace fs = std::filesystem;

namespace {

// Letters that every file system takes.
std::string as_file_name(std::string text) {
    std::replace(text.begin(), text.end(), ':', '_');
    return text;
}

}  // namespace

const char* text_of(State state) {
    switch (state) {
        case State::not_begun: return "not begun";
        case State::begun: return "begun";
        case State::finished: return "finished";
        default: return "diverged";
    }
}

RunSettings with_seed(RunSettings settings, int seed) {
    settings.options.seed = static_cast<std::uint64_t>(seed);
    return settings;
}

std::string text_of(const RunSettings& settings) {
    train::Options options = settings.options;
    if (settings.steps > 0) options.epochs = 0;
    std::string text = train::options_text(options);
    const auto add = [&](const char* name, std::int64_t value) {
        if (value > 0) text += std::string(name) + ": " + std::to_string(value) + "\n";
    };
    add("steps", settings.steps);
    add("images", settings.images);
    add("test images", settings.test_images);
    return text;
}

std::string folder_name(const RunSettings& settings) {
    const std::string text = text_of(settings);
    Fnv1a hash;
    hash.add(text);
    const std::string code = parts::format("%08x", static_cast<unsigned>(hash.value() & 0xFFFF'FFFFU));

    const std::int64_t length = settings.steps > 0 ? settings.steps : settings.options.epochs;
    return as_file_name(settings.options.network) + "." + settings.options.data + "." + std::to_string(length) +
           (settings.steps > 0 ? "-steps" : "-epochs") + ".seed" + std::to_string(settings.options.seed) + "." + code;
}

Outcome RunFolder::outcome() const {
    Outcome outcome;
    const fs::path result = path_ / "result.txt";
    if (!fs::exists(result)) {
        outcome.state = fs::exists(checkpoint()) ? State::begun : State::not_begun;
        return outcome;
    }

    const Lines lines(result_with(text_in(result), settings_, result.string()), result.string());
    const std::string state = lines.text("state");
    if (state != "finished" && state != "diverged") {
        throw Error(result.string() + ": state: expected finished or diverged, found '" + state + "'");
    }
    outcome.state = state == "finished" ? State::finished : State::diverged;
    outcome.steps = lines.number<std::int64_t>("steps to take");
    outcome.images = lines.number<std::int64_t>("images seen");
    outcome.seconds = lines.number<double>("seconds");
    outcome.threads = lines.number<int>("threads");
    outcome.processor = lines.text("processor");
    outcome.version = lines.text("version");
    outcome.date = lines.text("date");
    outcome.record.log = log_of_csv(text_in(path_ / "log.csv"), (path_ / "log.csv").string());
    outcome.record.units = units_of_csv(text_in(path_ / "units.csv"), (path_ / "units.csv").string());
    return outcome;
}

void RunFolder::write(const Outcome& outcome) const {
    write_text(path_ / "log.csv", log_as_csv(outcome.record.log));
    write_text(path_ / "units.csv", units_as_csv(outcome.record.units));

    const std::string text = line_of("state", text_of(outcome.state)) + line_of("steps to take", std::to_string(outcome.steps)) +
                             line_of("images seen", std::to_string(outcome.images)) +
                             line_of("seconds", parts::format("%.1f", outcome.seconds)) +
                             line_of("threads", std::to_string(outcome.threads)) + line_of("processor", outcome.processor) +
                             line_of("version", outcome.version) + line_of("date", outcome.date);
    write_text(path_ / "result.txt", text + settings_heading + settings_);

    std::error_code gone;
    fs::remove(checkpoint(), gone);
}

}  // namespace paper
