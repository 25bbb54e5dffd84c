// Waiting for another thread: a little while awake, then asleep.
#pragma once

#include <residua/core/pause.hpp>

#include <chrono>

namespace residua::inline RESIDUA_ISA {

// How long one thread waits awake. To be woken takes about 50 us, so to wait awake for about as long is never much worse than the
// best that could have been done. But where there are more threads than processors (in this program or in others), whoever waits
// awake keeps the processor from the one that it waits for: a wait that was long halves the next, down to none, and one that was
// short gives the whole time back. (Measured on two processors: 3 threads that went to sleep at once lost 10 to 20 % to 2, these
// lose 4 to 5 %; waiting awake for 2 ms, four programs of two threads each lost a third.)
class Wait {
public:
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
        limit_ = Clock::now() - begin <= most ? most : limit_ / 2;
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

    Duration limit_ = most;
};

}  // namespace residua::inline RESIDUA_ISA
