// Fetching memory into the caches before it is needed.
#pragma once

#include <residua/core/shape.hpp>
#include <residua/simd/line.hpp>

#include <algorithm>
#include <cstddef>

namespace residua::inline RESIDUA_ISA::kernels {

// What a worker will read and write next, fetched a few lines a call while it computes. (Measured: about 4 % of a training step
// of ResNet-20.)
class Ahead {
public:
    // Memory of so many bytes; or `runs` of them, each `step` bytes behind the one before.
    void reads(const void* from, Size bytes, Size step = 0, int runs = 1) {
        add({static_cast<const std::byte*>(from), bytes, step, runs, false});
    }
    void writes(const void* from, Size bytes, Size step = 0, int runs = 1) {
        add({static_cast<const std::byte*>(from), bytes, step, runs, true});
    }

    // Once all is said: how often fetch will be called.
    void spread_over(Size calls) {
        bytes_a_call_ = (all_ + calls * line - 1) / (calls * line) * line;
        begin_run();
    }

    // (The way through most calls is a comparison and the fetches: a search for what is next in each of them took 9 % of a
    // convolution of 64 channels on 8x8 on an Intel Xeon.)
    RESIDUA_INLINE void fetch() {
        if (ends_within_call()) return call_fetch_over_runs();
        fetch_until(at_ + bytes_a_call_);
    }

    // The same, without the call: in an innermost loop it would move all sums to the stack and back. (Elsewhere the call is
    // better: what is written out takes registers, and weight gradients 10 to 25 % longer.)
    RESIDUA_INLINE void fetch_in_place() {
        if (ends_within_call()) return fetch_over_runs();
        fetch_until(at_ + bytes_a_call_);
    }

private:
    static constexpr Size line = 64;

    struct Runs {
        const std::byte* from;
        Size bytes;
        Size step;
        int left;
        bool to_write;
    };
    void add(const Runs& runs) {
        if (runs.bytes == 0 || runs.left == 0) return;
        runs_[count_++] = runs;
        all_ += runs.bytes * static_cast<Size>(runs.left);
    }

    void begin_run() {
        if (now_ == count_) {
            bytes_a_call_ = 0;
            return;
        }
        at_ = runs_[now_].from;
        end_ = at_ + runs_[now_].bytes;
        to_write_ = runs_[now_].to_write;
    }

    RESIDUA_INLINE bool ends_within_call() const { return static_cast<Size>(end_ - at_) < bytes_a_call_; }

    RESIDUA_INLINE void fetch_until(const std::byte* end) {
        const std::byte* at = at_;
        if (to_write_) {
            for (; at < end; at += line) simd::prefetch_to_write(at);
        } else {
            for (; at < end; at += line) simd::prefetch(at);
        }
        at_ = end;
    }

    RESIDUA_INLINE void fetch_over_runs() {
        Size wanted = bytes_a_call_;
        while (wanted > 0 && now_ < count_) {
            const Size some = std::min(wanted, static_cast<Size>(end_ - at_));
            wanted -= some;
            fetch_until(at_ + some);
            if (at_ < end_) return;
            Runs& runs = runs_[now_];
            runs.from += runs.step;
            if (--runs.left == 0) ++now_;
            begin_run();
        }
    }
    __attribute__((noinline)) void call_fetch_over_runs() { fetch_over_runs(); }

    const std::byte* at_ = nullptr;
    const std::byte* end_ = nullptr;
    Size bytes_a_call_ = 0;
    bool to_write_ = false;
    int count_ = 0;
    int now_ = 0;
    Size all_ = 0;
    Runs runs_[4] = {};
};

}  // namespace residua::inline RESIDUA_ISA::kernels
