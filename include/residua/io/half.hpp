// The two 16-bit formats that weights of others are stored in, as floats: each of their values is a float.
#pragma once

#include <residua/simd/isa.hpp>

#include <bit>
#include <cstdint>

namespace residua::inline RESIDUA_ISA::io {

// IEEE 754's: a sign, 5 bits of exponent, 10 of fraction. PyTorch's float16.
struct Float16 {
    std::uint16_t bits = 0;

    constexpr float value() const {
        const std::uint32_t sign = std::uint32_t{bits} >> 15 << 31;
        const std::uint32_t exponent = bits >> 10 & 0x1F;
        const std::uint32_t fraction = bits & 0x3FF;
        if (exponent == 0) {  // zero, or without the leading one
            const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
            return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
        }
        const std::uint32_t in_float = exponent == 0x1F ? 0xFF : exponent + (127 - 15);  // (infinity and NaN stay what they are)
        return std::bit_cast<float>(sign | in_float << 23 | fraction << 13);
    }
};

// The upper half of a float. PyTorch's bfloat16.
struct BFloat16 {
    std::uint16_t bits = 0;

    constexpr float value() const { return std::bit_cast<float>(std::uint32_t{bits} << 16); }
};

}  // namespace residua::inline RESIDUA_ISA::io
