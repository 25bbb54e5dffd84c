// On whose threads a network runs.
#pragma once

#include <residua/core/error.hpp>
#include <residua/core/executor.hpp>
#include <residua/simd/isa.hpp>

#include <concepts>
#include <utility>

namespace residua::inline RESIDUA_ISA {

// So many of its own, of which the calling thread is one: `{.threads = 2}`. Or those of an executor: `{.threads = mine}`.
// Error: not 1 to `most` of them; an executor without a function.
class Threads {
public:
    static constexpr int most = 1024;  // each has scratch: a number beyond any machine's is a mistake, and not to be allocated

    Threads() = default;
    template <std::integral Number>
    Threads(Number count) : count_(checked(count, "threads")) {}
    Threads(const Executor& executor) : count_(checked(executor.workers, "workers of an executor")), executor_(executor) {
        if (!executor.run) fail("residua: expected an executor with a function, found one without");
    }

    int count() const { return count_; }
    const Executor& executor() const { return executor_; }  // without a function if the threads are the network's own

private:
    template <class Number>
    static int checked(Number count, const char* what) {
        if (std::cmp_greater_equal(count, 1) && std::cmp_less_equal(count, most)) return static_cast<int>(count);
        fail({"residua: expected 1 to ", most, " ", what, ", found ", count});
    }

    int count_ = 1;
    Executor executor_{};
};

}  // namespace residua::inline RESIDUA_ISA
