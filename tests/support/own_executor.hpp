// An executor as a user might have one: threads that start and end with each call, and share the tasks by turns.
#pragma once

#include <residua/core/executor.hpp>

#include <atomic>
#include <thread>
#include <vector>

namespace residua::inline RESIDUA_ISA::testing {

struct TakesTurns {
    int workers = 3;
    std::atomic<int> calls{0};

    Executor executor() {
        return {workers,
                [](void* self, int tasks, void* region, Executor::Task task) {
                    auto& mine = *static_cast<TakesTurns*>(self);
                    ++mine.calls;
                    std::vector<std::jthread> threads;
                    for (int worker = 0; worker < mine.workers; ++worker) {
                        threads.emplace_back([=, step = mine.workers] {
                            for (int i = tasks - 1 - worker; i >= 0; i -= step) task(region, i, worker);
                        });
                    }
                },
                this};
    }
};

}  // namespace residua::inline RESIDUA_ISA::testing
