// Results as pages of Markdown, beside their pictures.
#pragma once

#include "report.hpp"

#include <string>
#include <vector>

namespace paper {

// Of each claim its verdicts, its rows, its pictures.
std::string page_of_claims(const std::vector<ClaimResult>& results, const Provenance& provenance);

// Of each question its answer in a sentence or two, its first picture, its verdict and the command.
std::string page_of_questions(const std::vector<ClaimResult>& results, const Provenance& provenance);

}  // namespace paper
