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

// What the runs were made on: "AMD EPYC, 2 threads; Residua 0.1.0, g++ 12.2.0, compiled for avx512". Empty: none is finished.
std::string machines_of(const ClaimResult& result);

// Of each claim its verdicts, its rows, its pictures, which are files beside the page.
std::string page_of(const std::vector<ClaimResult>& results, const Provenance& provenance);

}  // namespace paper
