// What a fuzz target is made of. Each names its first inputs and says what must hold for any.
#pragma once

#include <residua/core/error.hpp>
#include <residua/io/input_file.hpp>

#include <span>
#include <string>
#include <vector>

namespace residua::fuzz {

using io::Bytes;

// A target defines these two.
std::vector<Bytes> seeds();
void try_input(std::span<const std::byte> bytes);

// Ends the program, and so shows the input, unless that holds.
void require(bool holds, const char* what);

// Whether it succeeds. If not, it was an Error (anything else ends the program) with a message for people: short, and printable.
template <class Action>
bool succeeds(Action action, std::string* message = nullptr) {
    try {
        action();
    } catch (const Error& error) {
        const std::string text = error.what();
        require(!text.empty() && text.size() < 500, "a message is short");
        for (const char character : text) require(character >= 0x20 && character < 0x7F, "a message is printable");
        if (message) *message = text;
        return false;
    }
    return true;
}

inline Bytes bytes_of(std::span<const std::byte> bytes) { return {bytes.begin(), bytes.end()}; }
inline Bytes bytes_of(const std::string& text) { return bytes_of(std::as_bytes(std::span(text))); }

}  // namespace residua::fuzz

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);
