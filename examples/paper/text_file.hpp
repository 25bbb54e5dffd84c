// Files of text: results in lines "name: value", and tables (CSV).
#pragma once

#include "../parts/text.hpp"

#include <residua/core/error.hpp>
#include <residua/io/atomic_file.hpp>
#include <residua/io/input_file.hpp>
#include <residua/io/settings.hpp>

#include <algorithm>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace paper {

// Error: it cannot be read.
inline std::string text_in(const std::filesystem::path& path) {
    constexpr std::uint64_t largest = std::uint64_t{1} << 28;
    const residua::io::Bytes bytes = residua::io::read_file(path, largest);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Whole or not at all.
inline void write_text(const std::filesystem::path& path, const std::string& text) {
    residua::io::write_file(path, std::as_bytes(std::span(text)));
}

inline std::string line_of(const char* name, const std::string& value) { return std::string(name) + ": " + value + "\n"; }

// Of "name: value" lines. Errors, which begin with `where`: they are none; a name that is asked for is not there, or its value is
// no number.
class Lines {
public:
    Lines(std::string text, std::string where)
        : text_(std::move(text)), lines_(residua::io::detail::settings_of(text_)), where_(std::move(where)) {}
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;

    std::string text(const char* name) const {
        const auto at = std::find_if(lines_.begin(), lines_.end(), [&](const auto& line) { return line.name == name; });
        if (at == lines_.end()) throw residua::Error(where_ + ": expected a line '" + name + ": ...', found none");
        return std::string(at->value);
    }
    template <class Number>
    Number number(const char* name) const {
        try {
            return parts::number_of<Number>(text(name));
        } catch (const residua::Error& error) {
            throw residua::Error(where_ + ": " + name + ": " + error.what());
        }
    }

private:
    std::string text_;
    std::vector<residua::io::detail::RunSetting> lines_;  // (of views of it)
    std::string where_;
};

// A result is such lines, and after a heading those of the settings it is of.
inline constexpr const char* settings_heading = "settings: as follows\n";

// The lines before the heading. Errors: there is none; the settings after it are not these.
inline std::string result_with(const std::string& text, const std::string& settings, const std::string& where) {
    const std::size_t heading = text.find(settings_heading);
    if (heading == std::string::npos) throw residua::Error(where + ": expected the result of a run, found other text");
    const std::string found = text.substr(heading + std::string(settings_heading).size());
    if (found != settings) throw residua::Error(where + ": " + residua::io::detail::settings_differ(settings, found));
    return text.substr(0, heading);
}

// A field of a CSV file: in quotes where it holds what separates.
inline std::string quoted(const std::string& text) {
    if (text.find_first_of(",\"\n") == std::string::npos) return text;
    std::string result = "\"";
    for (const char c : text) result += c == '"' ? std::string("\"\"") : std::string(1, c);
    return result + "\"";
}

// The words of a line of a table: one more than commas, so that an empty word at the end is one too.
inline std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    for (std::size_t begin = 0;;) {
        const std::size_t comma = line.find(',', begin);
        words.push_back(line.substr(begin, comma - begin));
        if (comma == std::string_view::npos) return words;
        begin = comma + 1;
    }
}

// Calls `read` for each line after the headings. Error: of `read`, with the line's number.
template <class Read>
void for_each_line(std::string_view text, const std::string& where, Read read) {
    for (std::size_t number = 2; !text.empty(); ++number) {
        try {
            read(parts::next_word(text, '\n'));
        } catch (const residua::Error& error) {
            throw residua::Error(where + ": line " + std::to_string(number) + ": " + error.what());
        }
    }
}

}  // namespace paper
