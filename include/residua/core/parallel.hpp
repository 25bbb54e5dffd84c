// Work split so that the bits do not depend on the number of threads: a task owns what it writes, and how a sum is cut into
// chunks is a function of sizes alone. The only header with an OpenMP pragma; without OpenMP everything runs on one thread.
#pragma once

#include <residua/core/shape.hpp>

#include <algorithm>
#include <cstddef>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace residua::inline RESIDUA_ISA {

// [begin, end)
struct Range {
    int begin = 0;
    int end = 0;
};

// Part `index` of `n` things cut into `parts` runs of nearly equal length.
constexpr Range part_of(int n, int parts, int index) {
    const auto at = [&](long i) { return static_cast<int>(static_cast<long>(n) * i / parts); };
    return {at(index), at(index + 1)};
}

// The threads that work on a network, and a block of scratch for each (`worker_bytes` apart, aligned to 64 bytes).
struct Team {
    int threads = 1;
    std::byte* scratch = nullptr;
    std::size_t worker_bytes = 0;

    // body(task, worker_scratch) for every task in [0, tasks). Tasks must not write to the same place.
    template <class Body>
    void run(int tasks, const Body& body) const {
        run_all(tasks, &body,
                [](const void* object, int task, std::byte* own) { (*static_cast<const Body*>(object))(task, own); });
    }

    // body(image, blocks, worker_scratch) until all `blocks` channel blocks of all n images are done. Many images: one task
    // each. Few: images x blocks, so that a single image occupies more than one thread.
    template <class Body>
    void run_images(int n, int blocks, const Body& body) const {
        constexpr int many = 8;
        const int cut = n >= many ? 1 : blocks;
        run(n * cut, [&](int task, std::byte* own) { body(task / cut, part_of(blocks, cut, task % cut), own); });
    }

private:
    // Through a pointer, and only here: as a template, every loop over images was compiled four times over (serially and in
    // parallel, for many images and for few), which doubled what a network costs to compile.
    using Task = void (*)(const void* object, int task, std::byte* own);

    __attribute__((noinline)) void run_all(int tasks, const void* object, Task body) const {
#ifdef _OPENMP
        if (threads > 1 && tasks > 1) {
            // Always all threads, though a few tasks may leave some idle: OpenMP runtimes end threads when a team shrinks, and
            // start and allocate anew when it grows.
#pragma omp parallel num_threads(threads)
            {
                std::byte* own = scratch + static_cast<std::size_t>(omp_get_thread_num()) * worker_bytes;
                // Dynamic: static runs lose 4 to 6 % of a step to the jitter of a shared machine, and which thread does a
                // task is of no consequence to its bits.
#pragma omp for schedule(dynamic, 1)
                for (int task = 0; task < tasks; ++task) body(object, task, own);
            }
            return;
        }
#endif
        for (int task = 0; task < tasks; ++task) body(object, task, scratch);
    }
};

// How a sum over images is cut into partial sums of so many bytes each: never a function of the threads. Budget and limit are
// measured: 32 chunks balance two threads within 1 ms of a 60 ms step, and 2.4 MB of partial sums stay in the caches.
constexpr int chunks_of(std::size_t bytes_of_a_partial_sum) {
    constexpr std::size_t budget = 2'400'000;
    return static_cast<int>(std::clamp<std::size_t>(budget / std::max<std::size_t>(bytes_of_a_partial_sum, 1), 1, 32));
}

}  // namespace residua::inline RESIDUA_ISA
