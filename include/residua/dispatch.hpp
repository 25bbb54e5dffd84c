// One program for several processors: which of the instruction sets that it was compiled for is run.
//
// For what residua_add_networks makes (cmake/AddNetworks.cmake). Outside the namespace of the instruction set, and without
// vectors, as any_inference.hpp is.
#pragma once

#include <residua/any_inference.hpp>
#include <residua/core/error.hpp>
#include <residua/simd/processor.hpp>

#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

namespace residua {

// What was compiled for one: fills in the table of a network by its number.
struct CompiledFor {
    const char* instruction_set = nullptr;  // avx512, avx2, sse2; neon
    void (*fill)(int network, AnyInference& table) = nullptr;
};

// The first that this processor has or, if the environment's RESIDUA_ISA is set and not empty, the one of that name. Errors:
// there is none of that name, or the processor does not have it; it has none of all.
inline const CompiledFor& picked(std::span<const CompiledFor> all) {
    std::string names;
    for (const CompiledFor& one : all) names += (names.empty() ? "" : ", ") + std::string(one.instruction_set);

    const char* asked = std::getenv("RESIDUA_ISA");
    if (asked && *asked) {
        for (const CompiledFor& one : all) {
            if (std::string_view(one.instruction_set) != asked) continue;
            if (processor_has(asked)) return one;
            fail({"residua: RESIDUA_ISA: expected an instruction set that this processor has, found ", asked});
        }
        fail({"residua: RESIDUA_ISA: expected one of ", names, ", for which this program was compiled, found ", asked});
    }
    for (const CompiledFor& one : all) {
        if (processor_has(one.instruction_set)) return one;
    }
    fail({"residua: expected a processor with one of ", names, ", found one with none of them"});
}

}  // namespace residua
