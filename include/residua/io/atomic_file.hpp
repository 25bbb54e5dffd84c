// Files that are there whole or not at all.
#pragma once

#include <residua/core/error.hpp>
#include <residua/simd/isa.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace residua::inline RESIDUA_ISA::io {

using Bytes = std::vector<std::byte>;

namespace detail {

// The system's words for an error number: "No space left on device".
inline std::string reason(int error) { return std::generic_category().message(error); }

// All bytes on the disk, or false with errno. (A signal may interrupt a write; a full disk takes only a part.)
inline bool write_all(int file, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t wrote = ::write(file, bytes.data(), bytes.size());
        if (wrote < 0 && errno != EINTR) return false;
        if (wrote > 0) bytes = bytes.subspan(static_cast<std::size_t>(wrote));
    }
    return ::fsync(file) == 0;
}

}  // namespace detail

// All of a file. Errors: it cannot be opened or read; it is larger than `most`.
inline Bytes read_file(const std::filesystem::path& path, std::size_t most) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
    if (!file) throw Error(path.string() + ": cannot be opened (" + detail::reason(errno) + ")");

    Bytes bytes;
    std::byte chunk[65'536];
    std::size_t got = 0;
    while ((got = std::fread(chunk, 1, sizeof chunk, file.get())) > 0) {
        if (got > most - bytes.size()) {
            throw Error(path.string() + ": expected at most " + std::to_string(most) + " bytes, found more");
        }
        bytes.insert(bytes.end(), chunk, chunk + got);
    }
    if (std::ferror(file.get())) throw Error(path.string() + ": cannot be read (" + detail::reason(errno) + ")");
    return bytes;
}

// Writes `path`.new, makes sure that it is on the disk, then renames: whoever reads `path` at any moment, even after a crash,
// finds the old file or the new one. What a crash leaves of `path`.new is overwritten the next time; so a path has one writer at
// a time. Error: it cannot be written; then `path` is as it was.
inline void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
    const std::filesystem::path fresh = path.string() + ".new";
    const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) throw Error(fresh.string() + ": cannot be written (" + detail::reason(errno) + ")");

    int error = detail::write_all(file, bytes) ? 0 : errno;
    if (::close(file) != 0 && error == 0) error = errno;
    if (error == 0 && std::rename(fresh.c_str(), path.c_str()) != 0) error = errno;
    if (error != 0) {
        ::unlink(fresh.c_str());
        throw Error(path.string() + ": cannot be written (" + detail::reason(error) + ")");
    }

    // The rename itself is on the disk once the folder is.
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
    const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) {
        ::fsync(directory);
        ::close(directory);
    }
}

}  // namespace residua::inline RESIDUA_ISA::io
