// A folder that is there as long as a test needs it, and the folder with data of others.
#pragma once

#include <residua/simd/isa.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace residua::inline RESIDUA_ISA::testing {

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "residua-XXXXXX").string();
        path_ = mkdtemp(pattern.data());
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

// The folder with data and weights of others: $RESIDUA_DATA, which ctest sets to CMake's option of that name (CMakeLists.txt says
// what it holds); empty: there is none. What needs it is a TEST_CASE("..." * doctest::skip(testing::data_folder().empty())).
inline std::filesystem::path data_folder() {
    const char* folder = std::getenv("RESIDUA_DATA");
    return folder ? folder : "";
}

}  // namespace residua::inline RESIDUA_ISA::testing
