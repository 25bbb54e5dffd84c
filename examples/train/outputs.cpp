#include "outputs.hpp"

#include <residua/core/error.hpp>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include <unistd.h>

namespace train {

using namespace residua;
namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse(const char* option, const fs::path& path, const std::string& why) {
    throw Error(std::string(option) + " " + path.string() + ": " + why);
}
std::string in_words(int error) { return "cannot be written (" + std::generic_category().message(error) + ")"; }

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

void expect_folder(const char* option, const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (!error && fs::is_directory(folder, error)) return;
    refuse(option, folder, error ? "cannot be made (" + error.message() + ")" : "expected a folder, found a file");
}

// A file is written as a new one that takes the old one's name, so it is the folder that must take files. (Tried by making one:
// of permissions alone a read-only disk is not seen.)
void expect_writable(const char* option, const fs::path& given) {
    std::error_code error;
    const fs::path path = fs::is_symlink(given, error) ? fs::weakly_canonical(given, error) : given;
    const fs::file_status status = fs::status(path, error);
    if (fs::is_directory(status)) refuse(option, given, "expected a file, found a folder");
    if (fs::exists(status) && ::access(path.c_str(), W_OK) != 0) refuse(option, given, in_words(errno));
    if (fs::exists(status) && !fs::is_regular_file(status)) return;  // a device or a pipe is written to as it is

    expect_folder(option, folder_of(path));
    std::string probe = (folder_of(path) / ".residua-XXXXXX").string();
    const int file = ::mkostemp(probe.data(), O_CLOEXEC);
    if (file < 0) refuse(option, given, in_words(errno));
    ::close(file);
    ::unlink(probe.c_str());
}

}  // namespace

Outputs::Outputs(const Options& options) : report_(options.report) {
    const fs::path folder = options.checkpoint_dir;
    if (!folder.empty()) checkpoint_ = folder / "checkpoint.residua";
    csv_ = !options.csv.empty() ? fs::path(options.csv) : folder.empty() ? report_.parent_path() / "log.csv" : folder / "log.csv";

    if (folder.empty() && options.resume) throw Error("--resume needs --checkpoint-dir");
    if (!folder.empty()) {
        expect_folder("--checkpoint-dir", folder);
        lock_.emplace(folder);
        expect_writable("--checkpoint-dir", checkpoint_);
        if (fs::exists(checkpoint_) && !options.resume && !options.overwrite) {
            throw Error(checkpoint_.string() +
                        ": a run was saved here: go on with it (--resume), give it up (--overwrite), or choose another "
                        "--checkpoint-dir");
        }
    }
    expect_writable("--csv", csv_);
    expect_writable("--report", report_);
}

}  // namespace train
