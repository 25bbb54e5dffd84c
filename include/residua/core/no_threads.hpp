// In place of own_threads.hpp where RESIDUA_NO_THREADS is defined, because the standard library or the machine has no threads.
#pragma once

#include <residua/core/error.hpp>
#include <residua/core/executor.hpp>

namespace residua::inline RESIDUA_ISA {

// The calling thread alone.
class OwnThreads {
public:
    // Error: more than one.
    explicit OwnThreads(int count) {
        if (count == 1) return;
        fail({"residua: expected 1 thread or an executor (RESIDUA_NO_THREADS is defined), found ", count, " threads"});
    }

    Executor executor() { return {}; }  // a team of one asks none
};

}  // namespace residua::inline RESIDUA_ISA
