// From numbers of several seeds to a verdict, by a rule that stands before the numbers do.
#pragma once

#include "claim.hpp"

#include <string>
#include <vector>

namespace paper {

enum class Verdict {
    confirmed,
    refuted,
    open,
    not_run,
    not_judged  // at a scale that shows nothing
};
const char* text_of(Verdict verdict);

// The middle of several numbers (the mean of two), and how far they reach. Of no numbers: all are none.
struct Summary {
    double median = 0;
    double low = 0;
    double high = 0;
};
Summary summary_of(std::vector<double> values);

// The chance that of two groups of numbers, drawn alike, the first lies above the second as clearly as here or more: the exact
// one-sided rank test (Mann and Whitney 1947). Of a pair of equal numbers none is above.
double chance_above(const std::vector<double>& first, const std::vector<double>& second);

// What must be, in words; and what is. A direction is confirmed where it would come by chance in at most 5 % of such
// experiments (three seeds against three: each of one above each of the other), refuted where the opposite would, else open. A
// bound is confirmed where the median is beyond it. Numbers that are none count as not run.
std::string rule_of(const Expectation& expectation);
Verdict verdict_on(const Expectation& expectation, const std::vector<double>& values, const std::vector<double>& others);

}  // namespace paper
