// Numbers as text and back, without losing a bit.
#pragma once

#include <residua/core/error.hpp>

#include <charconv>
#include <string>
#include <string_view>
#include <system_error>

namespace train {

// The shortest text that reads back as the same number.
inline std::string exact(double value) {
    char text[40];
    const auto [end, error] = std::to_chars(text, text + sizeof text, value);
    return {text, end};
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

}  // namespace train
