// What readers read.
#pragma once

#include <residua/core/error.hpp>
#include <residua/io/descriptor.hpp>
#include <residua/io/mapping.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <vector>

namespace residua::inline RESIDUA_ISA::io {

using Bytes = std::vector<std::byte>;

// A file on the disk, or bytes in memory under a name. Its size is known before anything of it is read, so that a reader can look
// at a header, and refuse, before it allocates.
class InputFile {
public:
    // Errors: it cannot be opened; it is no regular file (a folder, a device, a pipe: their sizes are not known).
    explicit InputFile(const std::filesystem::path& path) : name_(path.string()) {
        file_.emplace(detail::open_file(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY));
        if (!file_->is_open()) fail("cannot be opened (" + detail::reason(errno) + ")");
        struct stat status {};
        if (::fstat(file_->number(), &status) != 0) fail("cannot be read (" + detail::reason(errno) + ")");
        if (S_ISDIR(status.st_mode)) fail("cannot be read (" + detail::reason(EISDIR) + ")");
        if (!S_ISREG(status.st_mode)) fail("expected a file on a disk, found " + kind_of(status.st_mode));
        size_ = static_cast<std::uint64_t>(status.st_size);
    }
    // The same, mapped into memory: reading copies from the system's pages of the file, without a call a read. A file that
    // another process cuts short meanwhile is an error of the next read, as ever; but cut while its bytes are being copied, the
    // system ends this process (SIGBUS). Who cannot rule that out reads. Errors: as above; it cannot be mapped.
    static InputFile map(const std::filesystem::path& path) {
        InputFile input(path);
        if (input.size_ == 0) return input;
        input.mapping_.emplace(input.file_->number(), input.size_);
        if (!input.mapping_->is_there()) input.fail("cannot be mapped into memory (" + detail::reason(errno) + ")");
        return input;
    }
    InputFile(std::string name, Bytes bytes) : name_(std::move(name)), bytes_(std::move(bytes)), size_(bytes_.size()) {}

    const std::string& name() const { return name_; }
    std::uint64_t size() const { return size_; }

    // The bytes from a place on. Errors: they are not all there (any more); the disk fails.
    void read(std::uint64_t at, std::span<std::byte> to) const {
        if (at > size_ || to.size() > size_ - at) {
            fail("expected " + std::to_string(to.size()) + " bytes at byte " + std::to_string(at) + ", found " +
                 std::to_string(size_ - std::min(at, size_)));
        }
        if (!file_) {
            if (!to.empty()) std::memcpy(to.data(), bytes_.data() + at, to.size());
            return;
        }
        if (mapping_) {
            expect_length(at + to.size());
            if (!to.empty()) std::memcpy(to.data(), mapping_->data() + at, to.size());
            return;
        }
        while (!to.empty()) {
            const ssize_t got = ::pread(file_->number(), to.data(), to.size(), static_cast<off_t>(at));
            if (got < 0 && errno != EINTR) fail("cannot be read (" + detail::reason(errno) + ")");
            if (got == 0) fail_as_cut(at);
            if (got > 0) {
                to = to.subspan(static_cast<std::size_t>(got));
                at += static_cast<std::uint64_t>(got);
            }
        }
    }

    // Of a mapped file: these bytes are not needed for now, and their memory may serve others.
    void release(std::uint64_t at, std::uint64_t count) const {
        if (mapping_) mapping_->release(at, count);
    }

    [[noreturn]] void fail(const std::string& why) const { throw Error(name_ + ": " + why); }

private:
    static std::string kind_of(mode_t mode) {
        return S_ISFIFO(mode) ? "a pipe" : S_ISCHR(mode) || S_ISBLK(mode) ? "a device" : "something else";
    }

    [[noreturn]] void fail_as_cut(std::uint64_t found) const {
        fail("expected " + std::to_string(size_) + " bytes, found " + std::to_string(found) + ": it was cut short");
    }

    // Error unless the file still has so many bytes: beyond its end a mapping has no pages.
    void expect_length(std::uint64_t length) const {
        struct stat status {};
        if (::fstat(file_->number(), &status) != 0) fail("cannot be read (" + detail::reason(errno) + ")");
        if (static_cast<std::uint64_t>(status.st_size) < length) fail_as_cut(static_cast<std::uint64_t>(status.st_size));
    }

    std::string name_;
    std::optional<detail::Descriptor> file_;
    std::optional<detail::Mapping> mapping_;
    Bytes bytes_;
    std::uint64_t size_ = 0;
};

// All of a file. Errors: it cannot be opened or read; it is larger than `most` bytes.
inline Bytes read_file(const std::filesystem::path& path, std::uint64_t most) {
    const InputFile input(path);
    if (input.size() > most) {
        input.fail("expected at most " + std::to_string(most) + " bytes, found " + std::to_string(input.size()));
    }
    Bytes bytes(input.size());
    input.read(0, bytes);
    return bytes;
}

}  // namespace residua::inline RESIDUA_ISA::io
