// Claims at one scale, run in folders below one: what is done, what is left, in which order.
#pragma once

#include "paces.hpp"
#include "page.hpp"
#include "report.hpp"
#include "results.hpp"
#include "training.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace paper {

struct ExperimentOptions {
    std::string scale = "short";
    int seeds = 0;  // 0: as the claim says
    std::string data_dir;
    std::filesystem::path out;
    int threads = 1;
    bool only_reports = false;   // runs nothing: writes what the finished runs have come to
    std::string group;           // all, questions: which page is written; empty: none
    std::filesystem::path page;  // where; empty: README.md, QUESTIONS.md in `out`
    std::string command;
};

class Experiment {
public:
    // Error: a finished run's files are damaged.
    Experiment(std::vector<Claim> claims, const ExperimentOptions& options);

    // Says how long it will take, runs what is left, and after each run writes what has come out. The exit code: 0, or 128 and
    // the signal that stopped it. Errors: of runs.
    int run();

private:
    // One run, and where its outcome goes: a run that two claims share is run once.
    struct Place {
        std::size_t claim;
        std::size_t row;
        std::size_t seed;  // from 0
    };
    struct Planned {
        RunSettings settings;
        RunFolder folder;
        std::vector<Place> places;
        bool is_finished = false;
    };

    void plan();
    int run_what_is_left();
    void leave_out_what_is_not_here();
    void take(const Planned& run, const Outcome& outcome);
    std::vector<std::size_t> unfinished() const;
    void learn_paces();
    double seconds_of(const RunSettings& settings);
    void write(std::size_t claim) const;
    void write_page() const;
    Provenance provenance() const { return {options_.command, options_.scale, options_.data_dir}; }
    void say_verdicts() const;

    std::vector<Claim> claims_;
    ExperimentOptions options_;
    DataSets data_;
    std::vector<ClaimResult> results_;
    std::vector<Planned> runs_;
    Paces paces_;
};

}  // namespace paper
