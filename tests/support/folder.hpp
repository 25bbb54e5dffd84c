// A folder that is there as long as a test needs it, and the data that lies beside the project.
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

// $RESIDUA_DATA, or shared/ beside the project.
inline std::filesystem::path shared_data() {
    if (const char* folder = std::getenv("RESIDUA_DATA")) return folder;
    return std::filesystem::path(RESIDUA_SOURCE_DIR) / "../shared";
}

}  // namespace residua::inline RESIDUA_ISA::testing
