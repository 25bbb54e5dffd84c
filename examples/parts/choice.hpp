// The networks that a program was built with, by their names.
#pragma once

#include <residua/core/error.hpp>

#include <string>
#include <vector>

namespace parts {

// A network for a data set. Table: AnyNetwork or AnyInference.
template <class Table>
struct Choice {
    const char* network;
    const char* data;
    Table (*make)();
};

// The network of that name for that data. Error: there is none, with the list of those that there are, and `more`, how a user
// gets others.
template <class Table>
Table chosen(const std::vector<Choice<Table>>& choices, const std::string& network, const std::string& data, const char* more) {
    for (const Choice<Table>& choice : choices) {
        if (network == choice.network && data == choice.data) return choice.make();
    }
    std::string list;
    for (const Choice<Table>& choice : choices) {
        if (data == choice.data) list += std::string("\n  ") + choice.network;
    }
    if (list.empty()) list = "\n  (none)";
    throw residua::Error("expected a network of this list, found '" + network + "' (others: " + more + "); for " + data +
                         " there are" + list);
}

}  // namespace parts
