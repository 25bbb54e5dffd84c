// Where the time of a step goes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace paper::race {

struct Part {
    std::string name;
    double macs = 0;     // multiply-adds an image, forward
    double seconds = 0;  // of a step, forward and backward
    int images = 0;      // on which it is
    int threads = 0;
    std::string processor;
};

// Error: the file is damaged.
void write(const std::filesystem::path& file, const std::vector<Part>& parts);
std::vector<Part> parts_in(const std::filesystem::path& file);

}  // namespace paper::race
