// The most that this core could do of some work: its roof, of multiply-adds or of memory.
#pragma once

#include "support/bandwidth.hpp"
#include "support/suite.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <vector>

namespace bench {

// What a call computes and moves. Bytes are counted once, however often a kernel goes over them; those that are read and then
// written count twice.
struct Work {
    double flops = 0;       // of the definition
    double needed = flops;  // those that the algorithm has
    double read = 0;        // bytes
    double written = 0;
    double set = read + written;  // bytes that are touched: which level they come from, if the call is repeated
};

// Measured when it is made.
struct Machine {
    double peak = fma_peak();  // FLOP/s of a core
    std::vector<Level> levels = levels_of_memory();

    // The smallest that holds so much.
    const Level& level_of(double bytes) const {
        for (const Level& level : levels) {
            if (bytes <= level.holds) return level;
        }
        return levels.back();
    }

    // Stands beside the results in every format.
    void note() const {
        Suite::note("fma_peak_of_a_core_in_gflops", peak * 1e-9);
        for (const Level& level : levels) {
            if (level.holds > 0) Suite::note(level.name + "_in_kib", level.holds / 1024);
            Suite::note(level.name + "_read_in_gb_a_second", level.read * 1e-9);
            Suite::note(level.name + "_written_in_gb_a_second", level.written * 1e-9);
        }
    }
};

// The least time, in seconds, and what it is taken by: "fma" or a level of memory. Reads and writes are taken one after the
// other: caches that do both at once may need less.
struct Roof {
    double seconds = 0;
    std::string name;
};
inline Roof roof_of(const Machine& machine, const Work& work) {
    const Level& level = machine.level_of(work.set);
    const double computing = work.needed / machine.peak;
    const double moving = work.read / level.read + work.written / level.written;
    return computing >= moving ? Roof{computing, "fma"} : Roof{moving, level.name};
}

// The counters of a benchmark whose fastest call took so long; its label is what binds.
inline void report(benchmark::State& state, const Machine& machine, const Work& work, double seconds) {
    const Roof roof = roof_of(machine, work);
    if (work.flops > 0) {
        state.counters["GFLOP/s"] = work.flops / seconds * 1e-9;
        state.counters["%peak"] = 100 * work.flops / seconds / machine.peak;
    }
    state.counters["GB/s"] = (work.read + work.written) / seconds * 1e-9;
    state.counters["%roof"] = 100 * roof.seconds / seconds;
    state.SetLabel(roof.name);
}

// Calls that are about `seconds` long together: 3 to 500 of them.
inline int iterations_of(const Machine& machine, const Work& work, double seconds) {
    return static_cast<int>(std::clamp(seconds / roof_of(machine, work).seconds, 3.0, 500.0));
}

}  // namespace bench
