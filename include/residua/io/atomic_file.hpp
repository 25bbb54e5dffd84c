// Files that are there whole or not at all.
#pragma once

#include <residua/core/error.hpp>
#include <residua/simd/isa.hpp>

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace residua::inline RESIDUA_ISA::io {

using Bytes = std::vector<std::byte>;

// All of a file. Errors: it cannot be opened or read; it is larger than `most`.
inline Bytes read_file(const std::filesystem::path& path, std::size_t most) {
    std::FILE* file = std::fopen(path.c_str(), "rb");
    if (!file) throw Error(path.string() + ": cannot be opened");
    Bytes bytes;
    std::byte chunk[65'536];
    std::size_t got = 0;
    while ((got = std::fread(chunk, 1, sizeof chunk, file)) > 0) {
        if (bytes.size() + got > most) {
            std::fclose(file);
            throw Error(path.string() + ": expected at most " + std::to_string(most) + " bytes, found more");
        }
        bytes.insert(bytes.end(), chunk, chunk + got);
    }
    const bool failed = std::ferror(file) != 0;
    std::fclose(file);
    if (failed) throw Error(path.string() + ": cannot be read");
    return bytes;
}

// Writes beside `path`, makes sure that it is on the disk, then renames: whoever reads `path` at any moment, even after a crash,
// finds the old file or the new one. Error: it cannot be written; then `path` is as it was.
inline void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
    const std::filesystem::path fresh = path.string() + ".new";
    const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) throw Error(fresh.string() + ": cannot be written");

    std::size_t done = 0;
    bool ok = true;
    while (ok && done < bytes.size()) {
        const ssize_t wrote = ::write(file, bytes.data() + done, bytes.size() - done);
        ok = wrote > 0;
        if (ok) done += static_cast<std::size_t>(wrote);
    }
    ok = ok && ::fsync(file) == 0;
    ok = ::close(file) == 0 && ok;
    ok = ok && std::rename(fresh.c_str(), path.c_str()) == 0;
    if (!ok) {
        ::unlink(fresh.c_str());
        throw Error(path.string() + ": cannot be written (" + std::to_string(done) + " of " + std::to_string(bytes.size()) + " bytes were)");
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
