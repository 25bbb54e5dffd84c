// What programs do with their command line, and the streams that they are started with.
#pragma once

#include <residua/core/error.hpp>

#include <CLI/CLI.hpp>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace parts {

// A whole number of `low` to `high`. (CLI11 makes 2^64 - 1 of -1, and says of 1e3 that it is not in the range.)
inline CLI::Validator whole_number(std::uint64_t low, std::uint64_t high) {
    const auto trouble = [low, high](const std::string& text) -> std::string {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool good = error == std::errc() && end == text.data() + text.size() && value >= low && value <= high;
        return good ? ""
                    : "expected a whole number of " + std::to_string(low) + " to " + std::to_string(high) + ", found " + text;
    };
    return CLI::Validator(trouble, "");
}

// A stream that the caller has closed would give its number to the next file that is opened, and that file would hold the
// program's output.
inline void open_closed_streams() {
    int number = 0;
    do {
        number = ::open("/dev/null", O_RDWR);
    } while (number >= 0 && number <= STDERR_FILENO);
    if (number >= 0) ::close(number);
}

// Error: something that was printed has not arrived, as on a full disk.
inline void expect_printed() {
    errno = 0;
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
    const std::string why = errno == 0 ? "" : " (" + std::generic_category().message(errno) + ")";
    throw residua::Error("standard output: cannot be written" + why);
}

// The command line as a shell takes it.
inline std::string command_of(int argc, char** argv) {
    std::string command;
    for (int i = 0; i < argc; ++i) {
        const std::string word = argv[i];
        const bool plain = !word.empty() && word.find_first_not_of(
                                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                                "-_./:=,+@%") == std::string::npos;
        if (i > 0) command += ' ';
        if (plain) {
            command += word;
            continue;
        }
        command += '\'';
        for (const char c : word) command += c == '\'' ? std::string("'\\''") : std::string(1, c);
        command += '\'';
    }
    return command;
}

}  // namespace parts
