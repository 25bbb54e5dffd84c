// A hash of bytes, to tell things apart and to notice damage. (Not against people who mean to deceive.)
#pragma once

#include <residua/core/shape.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace residua::inline RESIDUA_ISA {

// FNV-1a, 64 bits (Fowler, Noll, Vo): bytes may be added in any number of parts.
class Fnv1a {
public:
    constexpr void add(std::span<const std::byte> bytes) {
        for (const std::byte byte : bytes) add(static_cast<std::uint8_t>(byte));
    }
    constexpr void add(std::string_view text) {
        for (const char character : text) add(static_cast<std::uint8_t>(character));
    }
    constexpr std::uint64_t value() const { return value_; }

private:
    constexpr void add(std::uint8_t byte) { value_ = (value_ ^ byte) * 0x100000001b3; }

    std::uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace residua::inline RESIDUA_ISA
