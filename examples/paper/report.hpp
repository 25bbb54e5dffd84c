// Results for people: of a claim one HTML file, readable offline, with nothing outside it; of all claims a page of Markdown
// beside their pictures.
#pragma once

#include "figures.hpp"
#include "results.hpp"

#include <string>
#include <vector>

namespace paper {

// How the report came about.
struct Provenance {
    std::string command;
    std::string scale;
    std::string data_dir;
};

std::string report_of(const ClaimResult& result, const std::vector<Picture>& pictures, const Provenance& provenance);

// Words that pages use, too. "1.83 (1.80 to 1.91)": the median, and how far the seeds reach.
std::string in_short(const std::vector<double>& values, const char* pattern);
std::string settings_in_words(const Claim& claim);
// "AMD EPYC, 2 threads, Residua 0.1.0, g++ 12.2.0, compiled for avx512". Empty: no run is finished.
std::string machines_in_words(const ClaimResult& result);

}  // namespace paper
