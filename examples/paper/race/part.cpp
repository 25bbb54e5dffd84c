#include "part.hpp"

#include "../text_file.hpp"

namespace paper::race {

namespace {

constexpr std::string_view part_headings = "part,macs,seconds,threads,processor";

}  // namespace

void write(const std::filesystem::path& file, const std::vector<Part>& parts) {
    std::string text = std::string(part_headings) + "\n";
    for (const Part& part : parts) {
        text += part.name + parts::format(",%.0f,%.6g,%d,", part.macs, part.seconds, part.threads) + part.processor + "\n";
    }
    write_text(file, text);
}

std::vector<Part> parts_in(const std::filesystem::path& file) {
    const std::string all = text_in(file);
    std::string_view text = all;
    if (parts::next_word(text, '\n') != part_headings)
        throw residua::Error(file.string() + ": expected the parts of a step, found other text");
    std::vector<Part> result;
    for_each_line(text, file.string(), [&](std::string_view line) {
        const std::vector<std::string_view> words = words_of(line);
        if (words.size() != 5) throw residua::Error("expected 5 values, found " + std::to_string(words.size()));
        result.push_back({std::string(words[0]), parts::number_of<double>(words[1]), parts::number_of<double>(words[2]),
                          parts::number_of<int>(words[3]), std::string(words[4])});
    });
    return result;
}

}  // namespace paper::race
