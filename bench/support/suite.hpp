// The main() of a suite, and its bars. Standard output is Google Benchmark's alone, so that --benchmark_format=json and csv stay
// what they say; bars go to standard error, and one that is short ends the program with 1.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace bench {

// What a suite promises: a line each, "bar NAME: VALUE (want >= X) ok" or "short".
class Bars {
public:
    void at_least(const std::string& name, double value, double want) { judge(name, value, ">=", want, value >= want); }
    void at_most(const std::string& name, double value, double want) { judge(name, value, "<=", want, value <= want); }

    bool all_reached() const { return all_reached_; }

private:
    void judge(const std::string& name, double value, const char* relation, double want, bool reached) {
        std::fprintf(stderr, "bar %s: %.3g (want %s %.3g) %s\n", name.c_str(), value, relation, want, reached ? "ok" : "short");
        all_reached_ = all_reached_ && reached;
    }

    bool all_reached_ = true;
};

// Takes Google Benchmark's options; others end the program with 2. Bars are judged after whole runs alone: a filter, or a list of
// names, leaves out what they are judged by.
class Suite {
public:
    Suite(int argc, char** argv) : whole_(!lists_names(argc, argv)) {
        benchmark::Initialize(&argc, argv);
        if (benchmark::ReportUnrecognizedArguments(argc, argv)) std::exit(2);
        const std::string filter = benchmark::GetBenchmarkFilter();
        whole_ = whole_ && (filter.empty() || filter == "." || filter == "all");
    }

    // Something that stands beside the results in every format.
    static void note(const std::string& name, double value) {
        char text[32];
        std::snprintf(text, sizeof text, "%.4g", value);
        benchmark::AddCustomContext(name, text);
    }

    // Runs what is registered; judge(bars) then says what was promised. What main() returns.
    template <class Judge>
    int run(Judge judge) {
        benchmark::RunSpecifiedBenchmarks();
        benchmark::Shutdown();
        if (!whole_) return 0;
        Bars bars;
        judge(bars);
        return bars.all_reached() ? 0 : 1;
    }

private:
    static bool lists_names(int argc, char** argv) {
        bool lists = std::getenv("BENCHMARK_LIST_TESTS") != nullptr;
        for (int i = 1; i < argc; ++i) {
            const std::string_view option = argv[i];
            if (option.starts_with("--benchmark_list_tests")) lists = !option.ends_with("=false");
        }
        return lists;
    }

    bool whole_;
};

}  // namespace bench
