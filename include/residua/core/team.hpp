// Who works on a network: its threads, and scratch memory for each of them.
#pragma once

#include <residua/core/buffer.hpp>
#include <residua/core/parallel.hpp>
#include <residua/core/pause.hpp>
#include <residua/core/threads.hpp>
#include <residua/simd/processor.hpp>
#include <residua/simd/subnormal.hpp>

#include <atomic>
#include <cstddef>
#include <exception>
#include <utility>

#ifdef RESIDUA_NO_THREADS
#include <residua/core/no_threads.hpp>
#else
#include <residua/core/own_threads.hpp>
#endif

namespace residua::inline RESIDUA_ISA {

// Starts its threads and allocates their scratch once, and ends with them; a team of one thread starts none. Running tasks
// allocates nothing. Numbers smaller than any normal one are zero to tasks, whatever thread runs them (simd/subnormal.hpp).
class Team {
public:
    // `worker_bytes` of scratch for each worker, aligned to 64 bytes. Error: a thread cannot be started.
    explicit Team(const Threads& threads = 1, std::size_t worker_bytes = 0)
        : workers_(threads.count()),
          executor_(threads.executor()),
          users_(executor_.run != nullptr),
          worker_bytes_((worker_bytes + 63) / 64 * 64),
          scratch_(static_cast<std::size_t>(workers_) * worker_bytes_),
          memory_(scratch_.data()),
          own_(users_ ? 1 : workers_) {
        tell_of_processor();  // (here, for whatever computes has a team)
        if (!users_) executor_ = own_.executor();
    }
    Team(const Team&) = delete;
    Team& operator=(const Team&) = delete;

    int workers() const { return workers_; }

    // body(task, scratch of its worker) for every task in [0, tasks); returns when all have ended. Tasks must not write to the
    // same place.
    //
    // What a task throws is thrown here, once the region has ended: the exception of the lowest task that threw, on any number of
    // threads. Tasks above it that have not begun are left out. The team can be used again.
    // Error: the team is at work already. A task cannot start tasks on its own team, whose scratch it uses, nor can two threads
    // use a team (a Trainer, a Workspace) at once.
    template <class Body>
    void run(int tasks, const Body& body) const {
        run_all(tasks, &body, call<Body>);
    }

    // body(image, blocks, scratch of its worker) until all `blocks` channel blocks of all n images are done. Many images: one
    // task each. Few: each is cut into as many tasks as there are workers, so that a single image occupies more than one. (Not
    // more: what all blocks of an image have in common is done by each of its tasks.)
    template <class Body>
    void run_images(int n, int blocks, const Body& body) const {
        const Images images{&body, blocks, n < few_images ? std::min(blocks, workers_) : 1};
        run_all(n * images.cut, &images, call_images<Body>);
    }

private:
    // Through a pointer, and only here: as a template, every loop over images was compiled four times over (serially and in
    // parallel, for many images and for few), which doubled what a network costs to compile.
    using Task = void (*)(const void* object, int task, std::byte* own);

    // (Not a lambda, which becomes three functions of each body: 2 % of what a network costs to compile.)
    template <class Body>
    static void call(const void* body, int task, std::byte* own) {
        (*static_cast<const Body*>(body))(task, own);
    }

    // A call of run_images(): each image is cut into `cut` tasks.
    struct Images {
        const void* body;
        int blocks;
        int cut;
    };
    template <class Body>
    static void call_images(const void* object, int task, std::byte* own) {
        const Images& images = *static_cast<const Images*>(object);
        (*static_cast<const Body*>(images.body))(task / images.cut, part_of(images.blocks, images.cut, task % images.cut), own);
    }

    // A call of run(), on its stack.
    struct Region {
        const Team& team;
        const void* object;
        Task body;
        int tasks;
        std::atomic<int> called{0};      // counted for a user's executor only
        std::atomic<int> failed{tasks};  // the lowest task that threw
        std::atomic_flag locked{};
        std::exception_ptr error{};

        void run(int task, int worker) {
            if (task > failed.load(std::memory_order_relaxed)) return;
#ifdef __cpp_exceptions
            try {
                body(object, task, team.scratch_of(worker));
            } catch (...) {
                keep(task, std::current_exception());
            }
#else
            body(object, task, team.scratch_of(worker));
#endif
        }
        void keep(int task, std::exception_ptr thrown) {
            while (locked.test_and_set(std::memory_order_acquire)) pause();
            if (task < failed.load(std::memory_order_relaxed)) {
                failed.store(task, std::memory_order_relaxed);
                error = std::move(thrown);
            }
            locked.clear(std::memory_order_release);
        }
    };

    class AtWork {
    public:
        explicit AtWork(std::atomic<bool>& flag) : flag_(flag) {
            if (flag.exchange(true, std::memory_order_acquire)) {
                fail(
                    "residua: a team that is at work was given more: a task cannot start tasks on its own team, nor two threads "
                    "use one Trainer or Workspace");
            }
        }
        AtWork(const AtWork&) = delete;
        AtWork& operator=(const AtWork&) = delete;
        ~AtWork() { flag_.store(false, std::memory_order_release); }

    private:
        std::atomic<bool>& flag_;
    };

    __attribute__((noinline)) void run_all(int tasks, const void* object, Task body) const {
        const AtWork at_work(at_work_);
        const simd::SubnormalsAreZero mode;
        if (workers_ == 1 || tasks <= 1) {
            for (int task = 0; task < tasks; ++task) body(object, task, scratch_of(0));
            return;
        }
        Region region{*this, object, body, tasks};
        executor_.run(executor_.self, tasks, &region, users_ ? run_checked : run_one);
        if (region.error) std::rethrow_exception(std::move(region.error));
        if (!users_) return;
        const int called = region.called.load(std::memory_order_relaxed);
        if (called != tasks) {
            fail({"residua: an executor was given ", tasks, " tasks, and ran ", called});
        }
    }

    static void run_one(void* region, int task, int worker) { static_cast<Region*>(region)->run(task, worker); }

    // From a user's executor, which may be wrong.
    static void run_checked(void* object, int task, int worker) {
        const simd::SubnormalsAreZero mode;
        Region& region = *static_cast<Region*>(object);
        region.called.fetch_add(1, std::memory_order_relaxed);
        if (task >= 0 && task < region.tasks && worker >= 0 && worker < region.team.workers_) {
            region.run(task, worker);
        } else {
            refuse(region, task, worker);
        }
    }
    __attribute__((noinline, cold)) static void refuse(Region& region, int task, int worker) {
#ifdef __cpp_exceptions
        try {
#endif
            fail({"residua: an executor of ", region.team.workers_, " workers was given ", region.tasks, " tasks, and ran task ",
                  task, " on worker ", worker});
#ifdef __cpp_exceptions
        } catch (...) {
            region.keep(-1, std::current_exception());
        }
#endif
    }

    std::byte* scratch_of(int worker) const { return memory_ + static_cast<std::size_t>(worker) * worker_bytes_; }

    int workers_;
    Executor executor_;
    bool users_;  // is it a user's?
    std::size_t worker_bytes_;
    Buffer<std::byte> scratch_;
    std::byte* memory_;
    mutable std::atomic<bool> at_work_{false};
    OwnThreads own_;  // none if the threads are a user's
};

}  // namespace residua::inline RESIDUA_ISA
