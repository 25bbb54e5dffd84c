#include "folder.hpp"

#include "../parts/text.hpp"

#include <residua/core/hash.hpp>
#include <residua/io/atomic_file.hpp>
#include <residua/io/input_file.hpp>
#include <residua/io/settings.hpp>

#include <algorithm>
#include <span>

namespace paper {

using namespace residua;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_file = std::uint64_t{1} << 28;

std::string text_in(const fs::path& path) {
    const io::Bytes bytes = io::read_file(path, largest_file);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void write_text(const fs::path& path, const std::string& text) { io::write_file(path, std::as_bytes(std::span(text))); }

// Letters that every file system takes.
std::string as_file_name(std::string text) {
    std::replace(text.begin(), text.end(), ':', '_');
    return text;
}

// Of "name: value" lines.
class Lines {
public:
    Lines(std::string text, std::string where)
        : text_(std::move(text)), lines_(io::detail::settings_of(text_)), where_(std::move(where)) {}
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;

    std::string text(const char* name) const {
        const auto at = std::find_if(lines_.begin(), lines_.end(), [&](const auto& line) { return line.name == name; });
        if (at == lines_.end()) throw Error(where_ + ": expected a line '" + name + ": ...', found none");
        return std::string(at->value);
    }
    template <class Number>
    Number number(const char* name) const {
        try {
            return parts::number_of<Number>(text(name));
        } catch (const Error& error) {
            throw Error(where_ + ": " + name + ": " + error.what());
        }
    }

private:
    std::string text_;
    std::vector<io::detail::RunSetting> lines_;  // (of views of it)
    std::string where_;
};

constexpr const char* settings_heading = "settings: as follows\n";

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

    const std::string text = text_in(result);
    const std::size_t heading = text.find(settings_heading);
    if (heading == std::string::npos) throw Error(result.string() + ": expected the result of a run, found other text");
    const std::string settings = text.substr(heading + std::string(settings_heading).size());
    if (settings != settings_) throw Error(result.string() + ": " + io::detail::settings_differ(settings_, settings));

    const Lines lines(text.substr(0, heading), result.string());
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

    std::string text;
    const auto add = [&](const char* name, const std::string& value) { text += std::string(name) + ": " + value + "\n"; };
    add("state", text_of(outcome.state));
    add("steps to take", std::to_string(outcome.steps));
    add("images seen", std::to_string(outcome.images));
    add("seconds", parts::format("%.1f", outcome.seconds));
    add("threads", std::to_string(outcome.threads));
    add("processor", outcome.processor);
    add("version", outcome.version);
    add("date", outcome.date);
    write_text(path_ / "result.txt", text + settings_heading + settings_);

    std::error_code gone;
    fs::remove(checkpoint(), gone);
}

}  // namespace paper
