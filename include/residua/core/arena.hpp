// Memory that is laid out by a plan: a caller's, checked before it is used, and values of another type within it.
#pragma once

#include <residua/core/error.hpp>
#include <residua/core/extent.hpp>

#include <cstdint>
#include <new>
#include <span>

namespace residua::inline RESIDUA_ISA {

// Where arenas begin.
inline constexpr Size arena_alignment = 64;

// A caller's memory as an arena of scalars. Error: it is null, too small, or not aligned to 64 bytes.
template <class T>
T* checked_arena(std::span<std::byte> memory, Size bytes) {
    if (memory.size() < bytes || memory.data() == nullptr) {
        if (memory.data() == nullptr) fail({"residua: expected an arena of at least ", bytes, " bytes, found null"});
        fail({"residua: expected an arena of at least ", bytes, " bytes, found ", memory.size()});
    }
    const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
    if (address % arena_alignment != 0) {
        fail({"residua: expected an arena aligned to ", arena_alignment, " bytes, found one that is ", address % arena_alignment,
              " bytes beyond"});
    }
    return reinterpret_cast<T*>(memory.data());
}

// `count` values of type U where others lay that are no longer needed: their lifetime begins here, which costs nothing.
template <class U>
U* array_in(void* memory, Size count) {
    U* values = static_cast<U*>(memory);
    for (Size i = 0; i < count; ++i) ::new (static_cast<void*>(values + i)) U;
    return std::launder(values);
}

}  // namespace residua::inline RESIDUA_ISA
