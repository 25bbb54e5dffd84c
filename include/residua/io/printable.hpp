// Text of a file's in a message.
#pragma once

#include <residua/simd/isa.hpp>

#include <string>
#include <string_view>

namespace residua::inline RESIDUA_ISA::io {

// What a terminal may be sent, however hostile the text: its first 80 bytes, what is no printable ASCII written as \x1B, and how
// long it is if it is longer.
inline std::string printable(std::string_view text) {
    constexpr std::size_t most = 80;
    constexpr char digits[] = "0123456789ABCDEF";
    std::string result;
    for (const char character : text.substr(0, most)) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte >= 0x20 && byte < 0x7F) {
            result += character;
        } else {
            result += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
        }
    }
    if (text.size() > most) result += "... (" + std::to_string(text.size()) + " bytes)";
    return result;
}

// The same as a name: 'layer1.0.conv1.weight'.
// (Not as a sum that begins with a literal: g++ 12 warns of such with -O3.)
inline std::string in_quotes(std::string_view name) {
    std::string result(1, '\'');
    result += printable(name);
    result += '\'';
    return result;
}

}  // namespace residua::inline RESIDUA_ISA::io
