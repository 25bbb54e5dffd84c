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
    void spread_over(Size calls) { bytes_a_call_ = (all_ + calls * line - 1) / (calls * line) * line; }

    RESIDUA_INLINE void fetch() {
        Size wanted = bytes_a_call_;
        while (wanted > 0 && now_ < count_) {
            Runs& runs = runs_[now_];
            const Size end = std::min(at_ + wanted, runs.bytes);
            wanted -= end - at_;
            const std::byte* const from = runs.from;
            if (runs.to_write) {
                for (; at_ < end; at_ += line) simd::prefetch_to_write(from + at_);
            } else {
                for (; at_ < end; at_ += line) simd::prefetch(from + at_);
            }
            if (end < runs.bytes) return;
            at_ = 0;
            runs.from += runs.step;
            if (--runs.left == 0) ++now_;
        }
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

    Runs runs_[4] = {};
    int count_ = 0;
    int now_ = 0;
    Size bytes_a_call_ = 0;
    Size at_ = 0;
    Size all_ = 0;
};

}  // namespace residua::inline RESIDUA_ISA::kernels
