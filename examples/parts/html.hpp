// HTML as text. (All of it is well-formed XML too, so that any reader of that can check it.)
#pragma once

#include "text.hpp"

#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

namespace parts {

inline std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
            case '<': result += "&lt;"; break;
            case '>': result += "&gt;"; break;
            case '&': result += "&amp;"; break;
            case '"': result += "&quot;"; break;
            case '\'': result += "&#39;"; break;
            default: result += c;
        }
    }
    return result;
}

// How many bytes the character has that begins at `at`; 0: they are not UTF-8. (Overlong forms, which nobody writes, pass.)
inline std::size_t character_length(const std::string& text, std::size_t at) {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t length = first < 0x80 ? 1 : first >= 0xF0 && first < 0xF5 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
    if (first >= 0xF5 || length > text.size() - at) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((static_cast<unsigned char>(text[at + i]) & 0xC0) != 0x80) return 0;
    }
    return length;
}

// Text from outside, such as a path: what a page cannot show stands there as \xNN.
inline std::string readable(const std::string& text) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const auto byte = static_cast<unsigned char>(text[at]);
        const std::size_t length = character_length(text, at);
        if (length == 0 || byte < 0x20 || byte == 0x7F) {
            char code[8];
            std::snprintf(code, sizeof code, "\\x%02X", byte);
            result += code;
            ++at;
        } else {
            result += escaped(text.substr(at, length));
            at += length;
        }
    }
    return result;
}

// A heading of rows or columns, and a cell. The text is HTML.
inline std::string column_heading(const std::string& text) { return "<th scope='col'>" + text + "</th>"; }
inline std::string row_heading(const std::string& text) { return "<th scope='row'>" + text + "</th>"; }
inline std::string cell(const std::string& text) { return "<td>" + text + "</td>"; }

// The row of headings above a table's columns.
inline std::string column_headings(const std::vector<const char*>& words) {
    std::string html = "<thead><tr>";
    for (const char* word : words) html += column_heading(word);
    return html + "</tr></thead>";
}

// A table that may be wider than the window: then it scrolls by itself, by keyboard too. `what` names it, for those who do not
// see it.
inline std::string scrolling(const std::string& what, const std::string& table) {
    return "<div class='wide' role='region' aria-label='" + escaped(what) + "' tabindex='0'>" + table + "</div>";
}

}  // namespace parts
