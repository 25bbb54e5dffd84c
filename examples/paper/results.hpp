// What the runs of a claim came to, as numbers: each seed's, their middle, the paper's, and the verdicts.
#pragma once

#include "claim.hpp"
#include "folder.hpp"
#include "verdict.hpp"

#include <string>
#include <vector>

namespace paper {

struct RowResult {
    std::vector<Outcome> outcomes;  // seed by seed; those that are not finished, too
    std::string not_here;           // why it cannot be run here; empty: it can

    // Of the finished runs, in the order of their seeds.
    std::vector<double> values(Measure measure) const;
    int finished() const;
};

struct ClaimResult {
    const Claim* claim = nullptr;
    std::vector<RowResult> rows;  // as the claim's

    const RowResult& row(const std::string& name) const;
    int finished() const;
    int in_all() const;

    // Is there something to write: a run that is finished, or a row that cannot be run here?
    bool tells() const;
    // "imagenet: DIR/train: cannot be read (...)": what rows cannot be run for; empty: all can.
    std::string what_is_not_here() const;
};

Verdict verdict_on(const Expectation& expectation, const ClaimResult& result);

// The same in words; "not run here" where a row of it cannot be, and is open for that.
std::string verdict_in_words(const Expectation& expectation, const ClaimResult& result);

// The median run of a row by its training loss: the one that is drawn where one stands for all. Null: none is finished.
const Outcome* middle_of(const RowResult& row);

// A line for each row and measure: every seed's number, the median, how far the seeds reach, the paper's number where there is
// one, the verdict where there is an expectation, and its rule.
std::string summary_as_csv(const ClaimResult& result);

// The verdicts in words, a line each, for standard output.
std::string verdicts_as_text(const ClaimResult& result);

}  // namespace paper
