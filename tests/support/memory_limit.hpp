// A process that may not take much memory.
#pragma once

#include <residua/simd/isa.hpp>

#include <cstddef>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

namespace residua::inline RESIDUA_ISA::testing {

// While it lives, this process may take so many bytes more than it has. (Under a sanitizer, which reserves terabytes of its own,
// nothing is limited.)
class MemoryLimit {
public:
    explicit MemoryLimit([[maybe_unused]] std::size_t more) {
        getrlimit(RLIMIT_AS, &before_);
#ifndef RESIDUA_TEST_SANITIZED
        std::size_t pages = 0;
        std::ifstream("/proc/self/statm") >> pages;
        const rlimit limit{pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) + more, before_.rlim_max};
        setrlimit(RLIMIT_AS, &limit);
#endif
    }
    MemoryLimit(const MemoryLimit&) = delete;
    MemoryLimit& operator=(const MemoryLimit&) = delete;
    ~MemoryLimit() { setrlimit(RLIMIT_AS, &before_); }

private:
    rlimit before_{};
};

}  // namespace residua::inline RESIDUA_ISA::testing
