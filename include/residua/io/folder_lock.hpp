// One run a folder.
#pragma once

#include <residua/core/error.hpp>
#include <residua/io/descriptor.hpp>

#include <charconv>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <signal.h>
#include <sys/file.h>

namespace residua::inline RESIDUA_ISA::io {

// While it lives, nobody else makes a FolderLock of the same folder: no other process, and nobody else in this one. The system
// lets go of it when the process ends, also by kill -9; so there is nothing to clean up.
//
// It locks the file `residua.lock` in the folder, which holds the process's number and stays behind: a lock that is deleted can
// be held twice, by who opened it before and by who makes it anew. Errors: another run is using the folder; the folder is not
// there, or the file in it cannot be made or locked.
class FolderLock {
public:
    explicit FolderLock(const std::filesystem::path& folder) : file_(opened(path_in(folder))) {
        if (!take(folder)) throw Error(folder.string() + ": another run is using it" + owner_of(file_.number()));
    }
    FolderLock(FolderLock&&) = default;

    // The same, but nothing, and no error, where another run is using the folder.
    static std::optional<FolderLock> if_free(const std::filesystem::path& folder) {
        std::optional<FolderLock> lock(FolderLock(opened(path_in(folder))));
        if (!lock->take(folder)) lock.reset();
        return lock;
    }

private:
    explicit FolderLock(detail::Descriptor file) : file_(std::move(file)) {}

    static std::filesystem::path path_in(const std::filesystem::path& folder) { return folder / "residua.lock"; }

    // (No link is followed and no other kind of file taken for a lock: it is written to.)
    static detail::Descriptor opened(const std::filesystem::path& path) {
        detail::Descriptor file = detail::open_file(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0666);
        if (!file.is_open()) throw Error(path.string() + ": cannot be opened (" + detail::reason(errno) + ")");

        struct stat status {};
        if (::fstat(file.number(), &status) != 0) {
            throw Error(path.string() + ": cannot be read (" + detail::reason(errno) + ")");
        }
        if (!S_ISREG(status.st_mode)) throw Error(path.string() + ": expected a file to lock, found no regular one");
        return file;
    }

    // False: another has it.
    bool take(const std::filesystem::path& folder) const {
        if (::flock(file_.number(), LOCK_EX | LOCK_NB) != 0) {
            if (errno == EWOULDBLOCK) return false;
            throw Error(path_in(folder).string() + ": cannot be locked (" + detail::reason(errno) + ")");
        }
        // Who is turned away reads it: for information only, so a full disk does not matter.
        const std::string text = std::to_string(::getpid()) + "\n";
        if (::ftruncate(file_.number(), 0) == 0) {
            [[maybe_unused]] const bool written = detail::write_all(file_.number(), std::as_bytes(std::span(text)));
        }
        return true;
    }

    // " (process 17)", if the number in the file is one of a process of this machine that lives.
    static std::string owner_of(int file) {
        char text[24] = {};
        const ssize_t got = ::pread(file, text, sizeof text, 0);
        if (got <= 0) return "";

        pid_t process = 0;
        const auto [end, error] = std::from_chars(text, text + got, process);
        const bool known = error == std::errc() && end < text + got && *end == '\n' && process > 0;
        const bool lives = known && (::kill(process, 0) == 0 || errno == EPERM);
        return lives ? " (process " + std::to_string(process) + ")" : "";
    }

    detail::Descriptor file_;
};

}  // namespace residua::inline RESIDUA_ISA::io
