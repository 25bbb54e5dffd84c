// What an error says.
#pragma once

#include <residua/core/error.hpp>

#include <string>
#include <string_view>

namespace residua::inline RESIDUA_ISA::testing {

// The words of the Error that `action` throws; "none" if it throws none.
template <class Action>
std::string message_of(const Action& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    return "none";
}

inline bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace residua::inline RESIDUA_ISA::testing
