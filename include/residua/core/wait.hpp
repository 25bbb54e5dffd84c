// Waiting for another thread: a little while awake, then asleep.
#pragma once

#include <residua/core/pause.hpp>

#include <chrono>
#include <thread>

#ifdef __linux__
#include <sched.h>
#endif

namespace residua::inline RESIDUA_ISA {

// Processors that this thread may run on; 0: unknown.
inline int processors() {
#ifdef __linux__
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return CPU_COUNT(&allowed);
#endif
    return static_cast<int>(std::thread::hardware_concurrency());
}

// How long one thread waits awake. To be woken takes about 50 us, so waiting awake for about as long is never much worse than
// what would have been best; a thread that waits longer takes the processor from the one that it waits for where there are more
// threads than processors (programs side by side, other work). Hence a wait that was long halves the next, down to none, and one
// that was short gives the whole time back.
class Wait {
public:
    explicit Wait(bool awake) : limit_(awake ? most : Duration::zero()), awake_(awake) {}

    // Until done(), by calling asleep() if that takes too long; asleep() returns when done() may be true.
    template <class Done, class Asleep>
    void until(const Done& done, const Asleep& asleep) {
        if (done()) return;
        const auto begin = Clock::now();
        if (!spun(done, begin + limit_)) {
            do {
                asleep();
            } while (!done());
        }
        if (awake_) limit_ = Clock::now() - begin <= most ? most : limit_ / 2;
    }

private:
    using Clock = std::chrono::steady_clock;
    using Duration = Clock::duration;
    static constexpr Duration most = std::chrono::microseconds(100);

    template <class Done>
    static bool spun(const Done& done, Clock::time_point end) {
        constexpr int looks = 16;  // between two looks at the clock, which costs as much as one or two pauses
        while (Clock::now() < end) {
            for (int i = 0; i < looks; ++i) {
                if (done()) return true;
                pause();
            }
        }
        return false;
    }

    Duration limit_;
    bool awake_;
};

}  // namespace residua::inline RESIDUA_ISA
