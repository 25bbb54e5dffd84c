// Writing to what is no file on a disk: devices, pipes, and the files that a process holds open.
#pragma once

#include <residua/io/descriptor.hpp>

#include <filesystem>

#ifdef __linux__
#include <sys/vfs.h>
#endif

namespace residua::inline RESIDUA_ISA::io::detail {

// Whether a path names what a process holds open: /dev/stdout, /dev/fd/3, /proc/self/fd/3. Even if that is a file on a disk, it
// is that file which is meant, and none that takes its name.
inline bool names_descriptor([[maybe_unused]] std::filesystem::path path) {
#ifdef __linux__
    constexpr auto proc = 0x9fa0;  // PROC_SUPER_MAGIC of linux/magic.h
    std::error_code no_link;
    for (int links = 0; links < 40; ++links) {
        const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
        struct statfs system {};
        if (::statfs(folder.c_str(), &system) == 0 && system.f_type == proc) return true;
        const std::filesystem::path link = std::filesystem::read_symlink(path, no_link);
        if (no_link) return false;
        path = folder / link;
    }
#endif
    return false;
}

// All bytes to what is open, or false with errno. What cannot be synchronised (a pipe, a terminal) need not be.
inline bool write_straight(int file, std::span<const std::byte> bytes) {
    const int flags = ::fcntl(file, F_GETFL);
    if (flags < 0 || ::fcntl(file, F_SETFL, flags & ~O_NONBLOCK) != 0) return false;
    if (!write_all(file, bytes)) return false;
    return synchronise(file) || errno == EINVAL || errno == ENOTSUP || errno == EROFS;
}

}  // namespace residua::inline RESIDUA_ISA::io::detail
