// Exceptions and texts as the values of a table of functions.
#pragma once

#include <residua/any_status.hpp>
#include <residua/core/shape.hpp>

#include <algorithm>
#include <exception>
#include <string_view>

namespace residua::inline RESIDUA_ISA::detail {

// What does not fit ends in three dots.
template <std::size_t N>
void copy_text(std::string_view from, char (&to)[N]) {
    constexpr std::string_view dots = "...";
    static_assert(N > dots.size());
    const bool fits = from.size() < N;
    char* end = std::copy_n(from.data(), fits ? from.size() : N - 1 - dots.size(), to);
    if (!fits) end = std::copy(dots.begin(), dots.end(), end);
    *end = 0;
}

// Runs `body`; an exception becomes a message.
template <class Body>
void guarded(AnyStatus& status, Body body) {
    status.message[0] = 0;
    try {
        body();
    } catch (const std::exception& error) {
        const std::string_view words = error.what();
        copy_text(words.empty() ? "residua: an error without words" : words, status.message);
    } catch (...) {
        copy_text("residua: an exception that is no std::exception", status.message);
    }
}

}  // namespace residua::inline RESIDUA_ISA::detail
