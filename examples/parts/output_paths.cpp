#include "output_paths.hpp"

#include <residua/core/error.hpp>
#include <residua/io/atomic_file.hpp>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

namespace parts {

using namespace residua;
namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse(const char* option, const fs::path& path, const std::string& why) {
    throw Error(std::string(option) + " " + path.string() + ": " + why);
}
std::string in_words(int error) { return "cannot be written (" + std::generic_category().message(error) + ")"; }

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

// In a folder where only owners may replace files (/tmp), this one is another's.
bool is_kept_by_owner(const fs::path& path) {
    struct stat file {};
    struct stat folder {};
    if (::stat(path.c_str(), &file) != 0 || ::stat(folder_of(path).c_str(), &folder) != 0) return false;
    const uid_t user = ::geteuid();
    return (folder.st_mode & S_ISVTX) != 0 && user != 0 && user != file.st_uid && user != folder.st_uid;
}

// Where a path leads to, in one way of writing. Of a file whose folder is there.
fs::path resolved(const fs::path& given) {
    const fs::path path = io::detail::behind_links(given);
    return fs::canonical(folder_of(path)) / path.filename();
}
bool are_one(const fs::path& a, const fs::path& b) {
    std::error_code error;
    if (fs::exists(a) && fs::exists(b)) return fs::equivalent(a, b, error);
    return resolved(a) == resolved(b);
}

}  // namespace

void expect_folder(const char* option, const fs::path& folder) {
    std::error_code error;
    if (fs::exists(folder, error) && !fs::is_directory(folder, error)) refuse(option, folder, "expected a folder, found a file");
    fs::create_directories(folder, error);
    if (!error && fs::is_directory(folder, error)) return;
    refuse(option, folder,
           "cannot be made (" + (error ? error : std::make_error_code(std::errc::not_a_directory)).message() + ")");
}

// A file is written as a new one that takes the old one's name, so it is the folder that must take files. (Tried by making one:
// of permissions alone a read-only disk is not seen.)
void expect_writable(const char* option, const fs::path& given) {
    if (!given.has_filename()) refuse(option, given, "expected the name of a file, found none");

    const fs::path path = io::detail::behind_links(given);
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::status_known(status) || fs::is_symlink(path)) refuse(option, given, in_words(error.value()));
    if (fs::is_directory(status)) refuse(option, given, "expected a file, found a folder");
    if (fs::exists(status) && ::access(path.c_str(), W_OK) != 0) refuse(option, given, in_words(errno));
    if (fs::exists(status) && !fs::is_regular_file(status)) return;  // a device or a pipe is written to as it is
    if (is_kept_by_owner(path)) refuse(option, given, in_words(EPERM));

    expect_folder(option, folder_of(path));
    std::string probe = (folder_of(path) / ".residua-XXXXXX").string();
    const int file = ::mkostemp(probe.data(), O_CLOEXEC);
    if (file < 0) refuse(option, given, in_words(errno));
    ::close(file);
    ::unlink(probe.c_str());
}

bool is_device(const fs::path& path) { return fs::exists(path) && !fs::is_regular_file(path); }

void expect_apart(const char* option, const fs::path& path, const char* other_name, const fs::path& other) {
    if (is_device(path) || !are_one(path, other)) return;
    refuse(option, path, std::string("expected a file of its own, found ") + other_name);
}

void expect_no_data(const char* option, const fs::path& path, const fs::path& data_dir) {
    std::error_code error;
    const std::string name = path.filename().string();
    const bool named_as_data = name.find("-ubyte") != std::string::npos || path.extension() == ".bin";
    if (is_device(path) || !named_as_data || !fs::equivalent(folder_of(path), data_dir, error)) return;
    refuse(option, path, "expected a file of its own, found one of the data");
}

}  // namespace parts
