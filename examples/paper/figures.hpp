// The pictures of a claim, of what has been run so far.
#pragma once

#include "results.hpp"

#include <string>
#include <vector>

namespace paper {

struct Picture {
    std::string name;  // of its file: table1-2.svg
    std::string title;
    std::string says;
    std::string svg;
};

// Of those figures that show a run.
std::vector<Picture> pictures_of(const ClaimResult& result);

}  // namespace paper
