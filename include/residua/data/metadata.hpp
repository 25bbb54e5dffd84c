// A normalisation as the metadata of a weight file, so that it stays with the weights that were trained by it.
#pragma once

#include <residua/data/normalisation.hpp>

#include <charconv>
#include <cstdio>
#include <map>
#include <string_view>

namespace residua::inline RESIDUA_ISA::data {

namespace detail {

// With the digits that give the same float again.
inline std::string text_of(const std::vector<float>& values, Size step) {
    std::string text;
    for (Size i = 0; i < values.size(); i += step) {
        char word[32];
        std::snprintf(word, sizeof word, "%s%.9g", i ? " " : "", static_cast<double>(values[i]));
        text += word;
    }
    return text;
}

inline bool is_one_a_channel(const Normalisation& n) {
    const Size pixels = n.image.pixels();
    for (Size i = 0; i < n.mean.size(); ++i) {
        if (n.mean[i] != n.mean[i / pixels * pixels]) return false;
    }
    return true;
}

[[noreturn]] inline void fail_entry(const char* name, const char* expected, std::string_view found) {
    constexpr Size most = 40;
    const bool is_long = found.size() > most;
    std::string shown_text(found.substr(0, most));
    for (char& character : shown_text) {
        if (character < ' ' || character > '~') character = '?';
    }
    fail({"residua: normalisation: metadata '", name, "': expected ", expected, ", found '", shown_text, is_long ? "...'" : "'"});
}

// The numbers of an entry, which `between` stands between. Nothing else may stand there.
template <class Number>
std::vector<Number> numbers_of(const char* name, const std::string& text, char between, const char* expected) {
    std::vector<Number> numbers;
    const char* at = text.data();
    const char* const end = at + text.size();
    for (;;) {
        Number number{};
        const auto [rest, trouble] = std::from_chars(at, end, number);
        if (trouble != std::errc()) fail_entry(name, expected, text);
        numbers.push_back(number);
        if (rest == end) return numbers;
        if (*rest != between) fail_entry(name, expected, text);
        at = rest + 1;
    }
}

}  // namespace detail

// "input", the images' shape, "3x32x32"; "input mean" and "input scale", numbers with a space between them: one a channel, or
// means one a pixel. For io::save; the program train writes the same. Errors: of expect_consistent.
//   auto metadata = data::metadata_of(normalisation);
//   metadata["network"] = "preact20";
//   io::save(parameters, "mine.safetensors", metadata);
inline std::map<std::string, std::string> metadata_of(const Normalisation& n) {
    expect_consistent(n);
    return {{"input", shown(n.image)},
            {"input mean", detail::text_of(n.mean, detail::is_one_a_channel(n) ? n.image.pixels() : 1)},
            {"input scale", detail::text_of(n.scale, 1)}};
}

// The same back, with the same bits: of io::SafetensorsFile::read(path).metadata(). Errors: one of the three entries is not
// there, or is not as above.
inline Normalisation normalisation_of(const std::map<std::string, std::string>& metadata) {
    const auto entry = [&](const char* name) -> const std::string& {
        const auto found = metadata.find(name);
        if (found == metadata.end()) fail({"residua: normalisation: expected metadata '", name, "', found none of that name"});
        return found->second;
    };
    const std::vector<int> extents = detail::numbers_of<int>("input", entry("input"), 'x', "an image's shape as 3x32x32");
    if (extents.size() != 3) detail::fail_entry("input", "an image's shape as 3x32x32", entry("input"));
    const Shape image{extents[0], extents[1], extents[2]};
    detail::expect_image("normalisation", image);
    constexpr double most = 1 << 28;  // values: what a file says is not believed without bound
    if (static_cast<double>(image.channels) * image.height * image.width > most) {
        detail::fail_entry("input", "an image of at most 2^28 values", entry("input"));
    }

    const char* const numbers = "numbers with a space between them";
    const std::vector<float> means = detail::numbers_of<float>("input mean", entry("input mean"), ' ', numbers);
    Normalisation result{image, means, detail::numbers_of<float>("input scale", entry("input scale"), ' ', numbers)};
    if (means.size() == static_cast<Size>(image.channels)) {
        result.mean.clear();
        for (const float mean : means) result.mean.insert(result.mean.end(), image.pixels(), mean);
    }
    expect_consistent(result);
    return result;
}

}  // namespace residua::inline RESIDUA_ISA::data
