// The threads of a network: started once, they share the tasks of one region after another, and take them from each other.
#pragma once

#include <residua/core/error.hpp>
#include <residua/core/executor.hpp>
#include <residua/core/parallel.hpp>
#include <residua/core/wait.hpp>
#include <residua/simd/subnormal.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>
#include <system_error>
#include <thread>
#include <vector>
#include <version>

#ifndef __cpp_lib_jthread
#error \
    "residua: there is no std::jthread here; with RESIDUA_NO_THREADS defined, networks run on the calling thread or an Executor"
#endif

namespace residua::inline RESIDUA_ISA {

// An executor of `count` workers; the thread that calls run() is worker 0. Not for two callers at once.
//
// Each worker begins with a run of tasks of its own, taken from the front, so that it meets the same images in layer after layer.
// Whoever has finished takes tasks from the back of another's run. A region ends when its tasks have ended: nobody waits for a
// thread that the system has not let run, except for the one task that it may hold. A thread that comes too late finds no task,
// or tasks of the next region, which are as good: it knows nothing of a region until it has taken a task, and while it has one
// the region cannot end.
class OwnThreads {
public:
    // One worker is the caller: no thread is started, and nothing allocated. Error: a thread cannot be started.
    explicit OwnThreads(int count) : count_(count), workers_(count > 1 ? static_cast<Size>(count) : 0) {
        for (int worker = 1; worker < count; ++worker) start(worker);
    }
    OwnThreads(const OwnThreads&) = delete;
    OwnThreads& operator=(const OwnThreads&) = delete;
    ~OwnThreads() {
        if (count_ > 1) stop();
    }

    Executor executor() {
        return {count_,
                [](void* self, int tasks, void* region, Executor::Task task) {
                    static_cast<OwnThreads*>(self)->run(tasks, region, task);
                },
                this};
    }

    void run(int tasks, void* region, Executor::Task task) {
        region_ = region;
        task_ = task;
        left_.store(tasks, std::memory_order_relaxed);
        for (int worker = 0; worker < count_; ++worker) {
            workers_[static_cast<Size>(worker)].open.store(packed(part_of(tasks, count_, worker)), std::memory_order_release);
        }
        wake(tasks);

        const int done = take_part(0);
        if (left_.fetch_sub(done) == done) return;
        wait_of_caller_.until([&] { return left_.load(std::memory_order_acquire) == 0; },
                              [&] {
                                  caller_sleeps_.store(true);
                                  if (const int left = left_.load(); left != 0) left_.wait(left);
                                  caller_sleeps_.store(false);
                              });
    }

private:
    struct alignas(64) Worker {
        // Tasks [begin, end) that nobody has taken: end in the upper half, begin in the lower. That a word has been there before
        // does no harm: whoever swaps it has taken a task of the region that is under way.
        std::atomic<std::uint64_t> open{0};
        std::jthread thread;  // none for worker 0
    };

    static std::uint64_t packed(Range tasks) {
        return static_cast<std::uint64_t>(tasks.end) << 32 | static_cast<std::uint64_t>(tasks.begin);
    }

    // A task, or -1. (What the region is can be read afterwards: run() wrote it before the word.)
    static int taken(std::atomic<std::uint64_t>& open, bool from_front) {
        std::uint64_t tasks = open.load(std::memory_order_relaxed);
        for (;;) {
            const std::uint64_t begin = tasks & 0xffffffffU;
            const std::uint64_t end = tasks >> 32;
            if (begin >= end) return -1;
            const std::uint64_t rest = from_front ? tasks + 1 : tasks - (std::uint64_t{1} << 32);
            if (open.compare_exchange_weak(tasks, rest, std::memory_order_acquire, std::memory_order_relaxed))
                return static_cast<int>(from_front ? begin : end - 1);
        }
    }

    // Runs tasks until none is open; how many.
    int take_part(int worker) {
        int done = 0;
        for (int i = 0; i < count_; ++i) {
            const int owner = (worker + i) % count_;
            for (int task = 0; (task = taken(workers_[static_cast<Size>(owner)].open, owner == worker)) >= 0; ++done)
                task_(region_, task, worker);
        }
        return done;
    }

    void work(int worker) {
        const simd::SubnormalsAreZero mode;
        Wait wait;
        int seen = 0;
        for (;;) {
            wait.until([&] { return begun_.load(std::memory_order_acquire) != seen; },
                       [&] {
                           sleepers_.fetch_add(1);
                           begun_.wait(seen);
                           sleepers_.fetch_sub(1);
                       });
            seen = begun_.load(std::memory_order_acquire);
            if (stopped_.load(std::memory_order_relaxed)) return;
            const int done = take_part(worker);
            if (done > 0 && left_.fetch_sub(done) == done && caller_sleeps_.load()) left_.notify_one();
        }
    }

    // Whether anybody sleeps is counted here, for the standard library counts together what it waits for in all of a program: one
    // team that sleeps would cost every other a call of the system a region. (Sequentially consistent: either the sleeper sees
    // the new number, or it is seen to sleep.)
    void wake(int tasks) {
        begun_.fetch_add(1);
        if (sleepers_.load() == 0) return;
        const int others = std::min(tasks, count_) - 1;
        if (others == count_ - 1) {
            begun_.notify_all();
            return;
        }
        for (int i = 0; i < others; ++i) begun_.notify_one();
    }

    __attribute__((noinline, cold)) void start(int worker) {
        const auto begin = [&] { workers_[static_cast<Size>(worker)].thread = std::jthread([this, worker] { work(worker); }); };
#ifdef __cpp_exceptions
        std::string reason;
        try {
            begin();
            return;
        } catch (const std::system_error& error) {
            reason = error.what();
        }
        stop();
        fail({"residua: thread ", worker + 1, " of ", count_, " could not be started: ", reason});
#else
        begin();
#endif
    }
    __attribute__((noinline, cold)) void stop() {
        stopped_.store(true, std::memory_order_relaxed);
        begun_.fetch_add(1);
        begun_.notify_all();
        for (int worker = 1; worker < count_; ++worker) {
            std::jthread& thread = workers_[static_cast<Size>(worker)].thread;
            if (thread.joinable()) thread.join();
        }
    }

    const int count_;
    std::vector<Worker> workers_;
    Wait wait_of_caller_;
    void* region_ = nullptr;
    Executor::Task task_ = nullptr;

    alignas(64) std::atomic<int> begun_{0};  // counts regions
    std::atomic<int> sleepers_{0};
    std::atomic<bool> stopped_{false};

    alignas(64) std::atomic<int> left_{0};  // tasks that have not ended
    std::atomic<bool> caller_sleeps_{false};
};

}  // namespace residua::inline RESIDUA_ISA
