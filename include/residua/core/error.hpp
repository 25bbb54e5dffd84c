// What goes wrong at run time: a file that does not fit, an argument out of range.
#pragma once

#include <concepts>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

namespace residua {

// Says what was expected and what was found. Whoever throws it has changed nothing.
// (Outside the namespace of the instruction set, so that one handler serves a program compiled for several.)
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Throws an Error. A program that is compiled without exceptions prints the message and ends.
[[noreturn]] __attribute__((noinline, cold)) inline void fail(std::string_view text) {
    const std::string message(text);
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

// The shape of an image as a message shows it, channels first: 3x32x32. (Shape is of an instruction set, AnyShape of none.)
template <class S>
    requires requires(const S& image) {
        { image.channels + image.height + image.width } -> std::same_as<int>;
    }
std::string shown(const S& image) {
    char text[48];
    std::snprintf(text, sizeof text, "%dx%dx%d", image.channels, image.height, image.width);
    return text;
}

// A part of a message: text, or a whole number.
struct MessagePart {
    std::string_view text;
    unsigned long long number = 0;
    bool is_number = false;
    bool is_signed = false;

    MessagePart(const char* words) : text(words) {}
    MessagePart(std::string_view words) : text(words) {}
    MessagePart(const std::string& words) : text(words) {}
    template <std::integral Number>
    MessagePart(Number whole)
        : number(static_cast<unsigned long long>(whole)), is_number(true), is_signed(std::signed_integral<Number>) {}
};

// The same of a message in parts: fail({"expected ", 3, ", found ", n}). (Not a sum of strings: where each is inlined, the
// messages of errors were a tenth of what a network costs to compile.)
[[noreturn]] __attribute__((noinline, cold)) inline void fail(std::initializer_list<MessagePart> parts) {
    std::string message;
    for (const MessagePart& part : parts) {
        if (part.is_signed) {
            message += std::to_string(static_cast<long long>(part.number));
        } else if (part.is_number) {
            message += std::to_string(part.number);
        } else {
            message += part.text;
        }
    }
    fail(std::string_view(message));
}

}  // namespace residua
