// What goes wrong at run time: a file that does not fit, an argument out of range.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace residua {

// Says what was expected and what was found. Whoever throws it has changed nothing.
// (Outside the namespace of the instruction set, so that one handler serves a program compiled for several.)
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Throws an Error. A program that is compiled without exceptions prints the message and ends.
[[noreturn]] inline void fail(const std::string& message) {
#ifdef __cpp_exceptions
    throw Error(message);
#else
    std::fprintf(stderr, "%s\n", message.c_str());
    std::abort();
#endif
}

// A number as a message shows it: 0.1, 1e-05, nan.
inline std::string shown(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.9g", value);
    return text;
}

}  // namespace residua
