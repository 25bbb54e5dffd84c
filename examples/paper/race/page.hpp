// What races came to, for people and for programs.
#pragma once

#include "finish.hpp"
#include "part.hpp"

#include <optional>
#include <string>
#include <vector>

namespace paper::race {

struct Entrant {
    Plan plan;
    std::optional<Finish> finish;
};

// A line a race that is over.
std::string summary_as_csv(const std::vector<Entrant>& entrants);

// Test error against minutes; empty: no race is over.
std::string picture_of(const std::vector<Entrant>& entrants);

struct Told {
    std::string network;
    std::string recipe;
    std::string command;
    std::string date;
    std::string picture;  // where it is, from the page
};
// Markdown. Of each goal the mean over its races, and whether it was reached; where the time went. `parts`: none: were not
// measured.
std::string page_of(const std::vector<Entrant>& entrants, const std::vector<Part>& parts, const Told& told);

// Of the finished races of one goal on one machine, with one number of threads: times of others say nothing of it.
struct Tally {
    Plan plan;
    std::string machine;
    int races = 0;
    double accuracy = 0;  // means, %
    double accuracy_with_views = 0;
    double deviation_with_views = 0;  // of one race; no number where there is one alone
    double seconds = 0;
    double fastest = 0;
    double slowest = 0;
};
std::vector<Tally> tallies_of(const std::vector<Entrant>& entrants);

// "94 % in 10 times through the data: missed with 93.5 %, with six views reached with ...": on one line.
std::string in_words(const Tally& tally);

}  // namespace paper::race
