#include "part.hpp"

#include "../text_file.hpp"

#include <utility>

namespace paper::race {

namespace {

constexpr std::string_view part_headings = "part,macs,seconds,images,threads,processor";

}  // namespace

void write(const std::filesystem::path& file, const std::vector<Part>& parts) {
    std::string text = std::string(part_headings) + "\n";
    for (const Part& part : parts) {
        text += part.name + parts::format(",%.0f,%.6g,%d,%d,", part.macs, part.seconds, part.images, part.threads) +
                part.processor + "\n";
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
        Part part;
        part.name = parts::next_word(line, ',');
        part.macs = parts::number_of<double>(parts::next_word(line, ','));
        part.seconds = parts::number_of<double>(parts::next_word(line, ','));
        part.images = parts::number_of<int>(parts::next_word(line, ','));
        part.threads = parts::number_of<int>(parts::next_word(line, ','));
        part.processor = line;  // (whose name may hold commas)
        result.push_back(std::move(part));
    });
    return result;
}

}  // namespace paper::race
