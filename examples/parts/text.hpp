// Numbers as text and back.
#pragma once

#include <residua/core/error.hpp>

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>

namespace parts {

// As printf. For numbers and short words.
template <class... A>
std::string format(const char* pattern, A... arguments) {
    char text[512];
    std::snprintf(text, sizeof text, pattern, arguments...);
    return text;
}

// A number as a field of a CSV file, of so many digits: nothing for NaN.
inline std::string csv_field(double value, int digits) { return std::isnan(value) ? "" : format("%.*g", digits, value); }

// The shortest text that reads back as the same number.
inline std::string exact(double value) {
    char text[40];
    const auto [end, error] = std::to_chars(text, text + sizeof text, value);
    return {text, end};
}

// "1,234,567".
inline std::string with_thousands(std::int64_t number) {
    std::string digits = std::to_string(number);
    const std::size_t first = digits.starts_with('-') ? 1 : 0;
    for (std::size_t at = digits.size(); at > first + 3;) {
        at -= 3;
        digits.insert(at, 1, ',');
    }
    return digits;
}
template <class Integer>
std::string with_thousands(Integer number) {
    return with_thousands(static_cast<std::int64_t>(number));
}

// "1 thread", "2 threads".
inline std::string counted(int count, const std::string& thing) {
    return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

// Cuts off what stands before the first `separator`, and the separator.
inline std::string_view next_word(std::string_view& text, char separator) {
    const std::string_view word = text.substr(0, text.find(separator));
    text.remove_prefix(word.size() < text.size() ? word.size() + 1 : word.size());
    return word;
}

// The number that a word is. Error: it is none.
template <class T>
T number_of(std::string_view word) {
    T value{};
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size() || word.empty())
        throw residua::Error("expected a number, found '" + std::string(word.substr(0, 40)) + "'");
    return value;
}

}  // namespace parts
