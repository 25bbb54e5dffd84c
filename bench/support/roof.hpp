// The most that this core could do of some work: its roof, of multiply-adds or of memory.
#pragma once

#include "support/bandwidth.hpp"
#include "support/suite.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <vector>

namespace bench {

// What a call computes and moves. Bytes are counted once, however often a kernel goes over them; those that are both read and
// written count as written, for a cache fetches what is written, too.
struct Work {
    double flops = 0;       // of the definition
    double needed = flops;  // those that the algorithm has
    double read = 0;        // bytes
    double written = 0;
};

// Measured when it is made.
struct Machine {
    double peak = fma_peak();  // FLOP/s of a core
    std::vector<Level> levels = levels_of_memory();

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

// The least time of a call that is repeated, in seconds, and what takes it: "fma", or the level of memory that takes the most. Of
// what the call moves, each cache holds its share at best. The first one reads and writes at once, the others one after the
// other.
struct Roof {
    double seconds = 0;
    std::string name;
};
inline Roof roof_of(const Machine& machine, const Work& work) {
    const double moved = work.read + work.written;
    Roof memory;
    double slowest = -1;
    double nearer = 0;  // the share of what is moved that nearer levels hold
    for (const Level& level : machine.levels) {
        const double held = level.holds > 0 ? std::min(1.0, level.holds / moved) : 1;
        const double reading = (held - nearer) * work.read / level.read;
        const double writing = (held - nearer) * work.written / level.written;
        const double seconds = level.name == "l1" ? std::max(reading, writing) : reading + writing;
        nearer = held;
        memory.seconds += seconds;
        if (seconds <= slowest) continue;
        slowest = seconds;
        memory.name = level.name;
    }
    const double computing = work.needed / machine.peak;
    return computing >= memory.seconds ? Roof{computing, "fma"} : memory;
}

// The counters of a benchmark whose fastest call took so long; its label is what binds.
inline void report(benchmark::State& state, const Machine& machine, const Work& work, double seconds) {
    const Roof roof = roof_of(machine, work);
    if (work.flops > 0) {
        state.counters["GFLOP/s"] = work.flops / seconds * 1e-9;
        state.counters["%peak"] = 100 * work.flops / seconds / machine.peak;
    }
    state.counters["us"] = seconds * 1e6;
    state.counters["GB/s"] = (work.read + work.written) / seconds * 1e-9;
    state.counters["%roof"] = 100 * roof.seconds / seconds;
    state.SetLabel(roof.name);
}

// How a benchmark is measured: as often as makes `seconds` together, 3 to 500 times; calls that are short many at a time, so that
// the clock does not count.
struct Turns {
    Turns(const Machine& machine, const Work& work, double seconds)
        : calls(static_cast<int>(std::clamp(20e-6 / roof_of(machine, work).seconds, 1.0, 1000.0))),
          iterations(static_cast<int>(std::clamp(seconds / roof_of(machine, work).seconds / calls, 3.0, 500.0))) {}

    // Seconds a call, of the fastest turn.
    template <class F>
    double fastest_call(benchmark::State& state, F&& f) const {
        double best = 1e30;
        for (auto _ : state) {
            const double turn = fastest(1, [&] {
                for (int i = 0; i < calls; ++i) f();
            });
            best = std::min(best, turn / calls);
        }
        return best;
    }

    int calls;
    int iterations;
};

}  // namespace bench
