// A file before it has its name.
#pragma once

#include <residua/io/descriptor.hpp>

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

#include <sys/file.h>

namespace residua::inline RESIDUA_ISA::io::detail {

// A new file beside the one that it is to replace, called `.NAME.1.new`; unless it took the name, it goes when the draft goes.
//
// Its writer holds a lock on it, which the system drops when the process ends. So a draft that exists and is not locked is one of
// a killed process, and whoever needs its name next removes it: drafts do not pile up. A name that is in use (another writer of
// the same file), or that is no regular file (a link that somebody planted), is left alone, and the next number tried.
class Draft {
public:
    static constexpr int most = 100;  // of one name

    // Fails with errno: then it is not open.
    Draft(const Descriptor& folder, const std::string& name, mode_t mode) : folder_(folder.number()) {
        const std::string stem = "." + name.substr(0, 200) + ".";  // (the system's bound for a name is 255)
        for (int number = 1; number <= most && !file_; ++number) {
            name_ = stem + std::to_string(number) + ".new";
            make(mode);
            if (!file_ && errno == EEXIST && remove_if_abandoned()) make(mode);
            if (!file_ && errno != EEXIST) return;
        }
    }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    ~Draft() {
        if (file_) ::unlinkat(folder_, name_.c_str(), 0);
    }

    bool is_open() const { return file_.has_value(); }
    int number() const { return file_->number(); }

    // All bytes, on the disk; or false with errno. (Some file systems tell of a full disk only when a file is closed: so a copy
    // of the descriptor is. The lock lives on with the other.)
    bool write(std::span<const std::byte> bytes) {
        return write_all(file_->number(), bytes) && synchronise(file_->number()) && Descriptor(::dup(file_->number())).close();
    }

    // Becomes what has that name; or false with errno.
    bool take_name(const std::string& name) {
        if (::renameat(folder_, name_.c_str(), folder_, name.c_str()) != 0) return false;
        file_.reset();
        return true;
    }

private:
    void make(mode_t mode) {
        Descriptor file = open_at(folder_, name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
        if (!file.is_open()) return;
        // (Where the file system has no locks nothing is ever taken for abandoned. Where it has them, somebody may have done so
        // between the two calls.)
        struct stat status {};
        const bool taken = ::flock(file.number(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
        if (taken || (::fstat(file.number(), &status) == 0 && status.st_nlink == 0)) {
            errno = EEXIST;
            return;
        }
        file_.emplace(std::move(file));
    }

    bool remove_if_abandoned() const {
        const Descriptor file = open_at(folder_, name_.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        struct stat here {};
        struct stat there {};
        const bool abandoned = file.is_open() && ::fstat(file.number(), &here) == 0 && S_ISREG(here.st_mode) &&
                               ::flock(file.number(), LOCK_EX | LOCK_NB) == 0 &&
                               ::fstatat(folder_, name_.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
                               here.st_dev == there.st_dev && here.st_ino == there.st_ino;
        const bool removed = abandoned && ::unlinkat(folder_, name_.c_str(), 0) == 0;
        errno = EEXIST;
        return removed;
    }

    int folder_;
    std::string name_;
    std::optional<Descriptor> file_;
};

}  // namespace residua::inline RESIDUA_ISA::io::detail
