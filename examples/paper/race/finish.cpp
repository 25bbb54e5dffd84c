#include "finish.hpp"

#include "../text_file.hpp"

#include <cmath>

namespace paper::race {

using parts::format;
using parts::number_of;

namespace {

constexpr std::string_view split_headings = "step,epoch,seconds,loss,accuracy";

std::string log_as_csv(const std::vector<Split>& splits) {
    std::string text = std::string(split_headings) + "\n";
    for (const Split& split : splits) {
        text +=
            std::to_string(split.step) + format(",%.6g,%.2f,%.6g,%.6g\n", split.epoch, split.seconds, split.loss, split.accuracy);
    }
    return text;
}

std::vector<Split> log_of_csv(std::string_view text, const std::string& where) {
    if (parts::next_word(text, '\n') != split_headings)
        throw residua::Error(where + ": expected the headings of a race's log, found other text");
    std::vector<Split> splits;
    for_each_line(text, where, [&](std::string_view line) {
        const std::vector<std::string_view> words = words_of(line);
        if (words.size() != 5) throw residua::Error("expected 5 values, found " + std::to_string(words.size()));
        splits.push_back({number_of<std::int64_t>(words[0]), number_of<double>(words[1]), number_of<double>(words[2]),
                          number_of<double>(words[3]), number_of<double>(words[4])});
    });
    return splits;
}

}  // namespace

std::string Plan::folder() const { return "race." + format("%g", epochs) + "-epochs.seed" + std::to_string(seed); }

std::string Plan::text() const {
    return line_of("race to", format("%g %%", goal)) + line_of("epochs", format("%g", epochs)) +
           line_of("seed", std::to_string(seed)) + line_of("images", std::to_string(images)) +
           line_of("test images", std::to_string(test_images)) + line_of("recipe", recipe);
}

std::string Finish::machine() const { return processor + ", " + parts::counted(threads, "thread"); }

double Finish::seconds_to(double goal) const {
    for (const Split& split : splits) {
        if (split.accuracy >= goal) return split.seconds;
    }
    return std::nan("");
}

void write(const std::filesystem::path& folder, const Plan& plan, const Finish& finish) {
    write_text(folder / "log.csv", log_as_csv(finish.splits));
    const auto seconds = [](const char* of, double value) { return line_of(of, format("%.2f", value)); };
    write_text(folder / "result.txt",
               line_of("accuracy", format("%.2f", finish.accuracy)) +
                   line_of("accuracy with views", format("%.2f", finish.accuracy_with_views)) +
                   line_of("steps", std::to_string(finish.steps)) + seconds("seconds to begin", finish.seconds_to_begin) +
                   seconds("seconds of batches", finish.seconds_of_batches) +
                   seconds("seconds of steps", finish.seconds_of_steps) +
                   seconds("seconds of averages", finish.seconds_of_averages) +
                   line_of("threads", std::to_string(finish.threads)) + line_of("processor", finish.processor) +
                   line_of("version", finish.version) + line_of("date", finish.date) + settings_heading + plan.text());
}

std::optional<Finish> finish_in(const std::filesystem::path& folder, const Plan& plan) {
    const std::filesystem::path result = folder / "result.txt";
    if (!std::filesystem::exists(result)) return {};

    const Lines lines(result_with(text_in(result), plan.text(), result.string()), result.string());
    Finish finish;
    finish.accuracy = lines.number<double>("accuracy");
    finish.accuracy_with_views = lines.number<double>("accuracy with views");
    finish.steps = lines.number<std::int64_t>("steps");
    finish.seconds_to_begin = lines.number<double>("seconds to begin");
    finish.seconds_of_batches = lines.number<double>("seconds of batches");
    finish.seconds_of_steps = lines.number<double>("seconds of steps");
    finish.seconds_of_averages = lines.number<double>("seconds of averages");
    finish.threads = lines.number<int>("threads");
    finish.processor = lines.text("processor");
    finish.version = lines.text("version");
    finish.date = lines.text("date");
    finish.splits = log_of_csv(text_in(folder / "log.csv"), (folder / "log.csv").string());
    return finish;
}

}  // namespace paper::race
