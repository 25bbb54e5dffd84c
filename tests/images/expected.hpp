// What Pillow makes of files and sizes: expected.txt, which pillow.py wrote.
#pragma once

#include <residua/core/hash.hpp>
#include <residua/data/image.hpp>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <sstream>
#include <string>
#include <vector>

namespace residua::testing {

inline const std::filesystem::path image_tests = std::filesystem::path(RESIDUA_SOURCE_DIR) / "tests/images";

// The lines that begin with `kind`, without it.
inline std::vector<std::string> expected_of(const std::string& kind) {
    std::ifstream file(image_tests / "expected.txt");
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        if (line.rfind(kind + " ", 0) == 0) lines.push_back(line.substr(kind.size() + 1));
    }
    return lines;
}

// Size and pixels, as expected.txt writes them.
inline std::string in_short(const data::RgbImage& image) {
    Fnv1a sum;
    sum.add(std::as_bytes(std::span(image.pixels)));
    std::ostringstream text;
    text << image.size.height << ' ' << image.size.width << ' ' << std::hex << std::setw(16) << std::setfill('0') << sum.value();
    return text.str();
}

}  // namespace residua::testing
