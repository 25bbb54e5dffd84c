// Files that are there whole or not at all.
#pragma once

#include <residua/core/error.hpp>
#include <residua/io/draft.hpp>
#include <residua/io/special_file.hpp>

namespace residua::inline RESIDUA_ISA::io {

namespace detail {

// What a path leads to through links, whether or not it is there.
inline std::filesystem::path behind_links(std::filesystem::path path) {
    std::error_code no_link;
    for (int links = 0; links < 40; ++links) {
        const std::filesystem::path link = std::filesystem::read_symlink(path, no_link);
        if (no_link) break;
        path = path.parent_path() / link;
    }
    return path;
}

// What is there, opened for writing; or errno. (Without waiting, so that it can be looked at: a pipe that nobody reads yet, which
// is ENXIO, is waited for then: without end, so a signal whose handler lets calls be interrupted ends that, with EINTR.)
inline Descriptor open_to_replace(const char* path) {
    Descriptor file = open_file(path, O_WRONLY | O_NONBLOCK | O_NOCTTY);
    if (file.is_open() || errno != ENXIO) return file;
    return Descriptor(::openat(AT_FDCWD, path, O_WRONLY | O_NOCTTY | O_CLOEXEC));
}

// Owner, group and rights of another file, as far as this process may give them: a group that stays another gets the rights of
// all others.
inline bool take_rights(int file, const struct stat& from) {
    mode_t mode = from.st_mode & 0777;
    const bool owner_and_group = ::fchown(file, from.st_uid, from.st_gid) == 0;
    if (!owner_and_group && ::fchown(file, static_cast<uid_t>(-1), from.st_gid) != 0) mode = (mode & 0707) | (mode & 07) << 3;
    // (File systems without rights refuse to set them, and show the same ones for all files.)
    struct stat now {};
    return ::fchmod(file, mode) == 0 || (::fstat(file, &now) == 0 && (now.st_mode & 0777) == mode);
}

}  // namespace detail

// Writes a file so that whoever reads it at any moment, even after a crash, finds the old one or the new one. The new one is
// written beside it (draft.hpp), brought to the disk, then renamed. It has the old one's rights; a path that is a link stays one,
// and what it leads to is replaced. Any number of processes may write the same path: one of them is last.
//
// Devices, pipes and what a process has open (/dev/null, /dev/stdout) are no files that could be replaced: they are written to.
// (A pipe that nobody reads is waited for; a signal that interrupts calls ends that with an error.)
//
// Error: it cannot be written, and why; then what stood at the path is as it was. Only where the folder cannot be brought to the
// disk, the new file stands, and the error says so: a power cut may bring back the old one.
inline void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
    const auto fail = [&](const std::string& why) { throw Error(path.string() + ": cannot be written (" + why + ")"); };

    const detail::Descriptor old = detail::open_to_replace(path.c_str());
    if (!old.is_open() && errno != ENOENT) fail(detail::reason(errno));
    struct stat status {};
    if (old.is_open() && ::fstat(old.number(), &status) != 0) fail(detail::reason(errno));
    if (old.is_open() && (!S_ISREG(status.st_mode) || detail::names_descriptor(path))) {
        if (S_ISREG(status.st_mode) && ::ftruncate(old.number(), 0) != 0) fail(detail::reason(errno));
        if (!detail::write_straight(old.number(), bytes)) fail(detail::reason(errno));
        return;
    }

    const std::filesystem::path target = detail::behind_links(path);
    const std::string name = target.filename().string();
    const std::filesystem::path folder_path = target.has_parent_path() ? target.parent_path() : ".";
    const detail::Descriptor folder = detail::open_file(folder_path.c_str(), O_RDONLY | O_DIRECTORY);
    if (!folder.is_open()) fail(detail::reason(errno));

    detail::Draft draft(folder, name, old.is_open() ? 0600 : 0666);
    if (!draft.is_open() && errno == EEXIST) {
        fail("found " + std::to_string(detail::Draft::most) + " files ." + name + ".*.new beside it that others hold");
    }
    if (!draft.is_open()) fail(detail::reason(errno));
    if (old.is_open() && !detail::take_rights(draft.number(), status)) fail(detail::reason(errno));
    if (!draft.write(bytes) || !draft.take_name(name)) fail(detail::reason(errno));

    // The new name is on the disk once the folder is. (Some file systems have no such thing, and say EINVAL.)
    if (!detail::synchronise(folder.number()) && errno != EINVAL) {
        throw Error(path.string() + ": is written, but may not survive a power cut: its folder cannot be brought to the disk (" +
                    detail::reason(errno) + ")");
    }
}

}  // namespace residua::inline RESIDUA_ISA::io
