// An open file of the system's, and the system's words for what went wrong with it.
#pragma once

#include <residua/io/write_signals.hpp>

#include <cerrno>
#include <cstddef>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace residua::inline RESIDUA_ISA::io::detail {

// The system's words for an error number: "No space left on device".
inline std::string reason(int error) { return std::generic_category().message(error); }

// Closes what it was given. Below zero it holds nothing, and errno says why.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor() {
        const int before = errno;
        close();
        errno = before;
    }

    bool is_open() const { return number_ >= 0; }
    int number() const { return number_; }

    // False with errno: what was written may not have arrived. (EINTR too closes on Linux, and the bytes are there.)
    bool close() {
        if (number_ < 0) return true;
        return ::close(std::exchange(number_, -1)) == 0 || errno == EINTR;
    }

private:
    int number_;
};

// Opens a file, its path seen from a folder; a signal that comes meanwhile does not matter.
inline Descriptor open_at(int folder, const char* path, int flags, mode_t mode = 0) {
    int number = -1;
    do {
        number = ::openat(folder, path, flags | O_CLOEXEC, mode);
    } while (number < 0 && errno == EINTR);
    return Descriptor(number);
}
inline Descriptor open_file(const char* path, int flags, mode_t mode = 0) { return open_at(AT_FDCWD, path, flags, mode); }

// All bytes handed to the system, or false with errno. (A signal may interrupt a write; a full disk takes only a part.)
inline bool write_all(int file, std::span<const std::byte> bytes) {
    const NoWriteSignals no_signals;
    while (!bytes.empty()) {
        const ssize_t wrote = ::write(file, bytes.data(), bytes.size());
        if (wrote < 0 && errno != EINTR) return false;
        if (wrote > 0) bytes = bytes.subspan(static_cast<std::size_t>(wrote));
    }
    return true;
}

// Whatever was written is on the disk, or false with errno.
inline bool synchronise(int file) {
    int result = 0;
    do {
        result = ::fsync(file);
    } while (result != 0 && errno == EINTR);
    return result == 0;
}

}  // namespace residua::inline RESIDUA_ISA::io::detail
