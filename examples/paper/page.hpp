// Results as pages of Markdown. `pictures`: what stands before a picture's name to find it from the page ("": it lies beside it).
#pragma once

#include "report.hpp"

#include <string>
#include <vector>

namespace paper {

// Of each claim its verdicts, its rows, its pictures.
std::string page_of_claims(const std::vector<ClaimResult>& results, const Provenance& provenance, const std::string& pictures);

// Of each question its answer in a sentence or two, its verdicts, its first picture and the command. Those whose first verdict
// waits for runs say so.
std::string page_of_questions(const std::vector<ClaimResult>& results, const Provenance& provenance, const std::string& pictures);

}  // namespace paper
