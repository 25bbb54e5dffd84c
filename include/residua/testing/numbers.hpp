// Numbers between -1 and 1 that look random and are the same everywhere.
#pragma once

#include <residua/simd/isa.hpp>

#include <cstdint>

namespace residua::inline RESIDUA_ISA::testing {

class Numbers {
public:
    explicit Numbers(std::uint64_t seed) : state_(seed * 2 + 1) {}

    double next() {
        state_ = state_ * 6364136223846793005u + 1442695040888963407u;
        return static_cast<double>(state_ >> 11) / static_cast<double>(std::uint64_t{1} << 52) - 1;
    }

private:
    std::uint64_t state_;
};

}  // namespace residua::inline RESIDUA_ISA::testing
