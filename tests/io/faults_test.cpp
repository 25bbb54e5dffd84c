// Whatever call of the system fails, or is the last one of a killed process: the checkpoint that stands is the old one or the
// new. (The linker hands the calls of this program to the __wrap_ functions below: tests/CMakeLists.txt.)
#include <doctest/doctest.h>

#include <residua/io/checkpoint.hpp>
#include <residua/residua.hpp>

#include "../support/folder.hpp"

#include <csignal>
#include <cstdarg>
#include <cstdio>

#include <sys/file.h>
#include <sys/wait.h>

namespace residua::io {
namespace {

// What goes wrong while it is armed, and with which of the calls.
struct Fault {
    enum class Kind { none, error, error_from_there_on, little_at_once, interruption, kill };

    Kind kind = Kind::none;
    int at = -1;
    int error = 0;
    int calls = 0;
    bool interrupted = false;
};
Fault fault;
bool under_test = false;

// Before each call: whether it fails, with errno.
bool fails(bool can_be_interrupted = false) {
    const int call = fault.calls++;
    switch (fault.kind) {
        case Fault::Kind::error:
        case Fault::Kind::error_from_there_on:
            errno = fault.error;
            return call == fault.at || (call > fault.at && fault.kind == Fault::Kind::error_from_there_on);
        case Fault::Kind::kill:
            if (call == fault.at) ::raise(SIGKILL);
            return false;
        case Fault::Kind::interruption:
            // (Each call once; then it is tried again.)
            fault.interrupted = can_be_interrupted && !fault.interrupted;
            errno = EINTR;
            return fault.interrupted;
        default: return false;
    }
}

// A write or read that takes less than it was given: the last before the disk is full, or the process killed, does.
std::size_t share(std::size_t size) {
    const bool part = fault.kind == Fault::Kind::little_at_once || fault.calls == fault.at;
    return part && fault.kind != Fault::Kind::none && size > 1 ? std::min<std::size_t>(size / 2, 1000) : size;
}

}  // namespace
}  // namespace residua::io

extern "C" {
using residua::io::fails;
using residua::io::share;
using residua::io::under_test;

int __real_openat(int folder, const char* path, int flags, ...);
ssize_t __real_write(int file, const void* bytes, size_t size);
ssize_t __real_pread(int file, void* bytes, size_t size, off_t at);
int __real_fsync(int file);
int __real_dup(int file);
int __real_close(int file);
int __real_flock(int file, int operation);
int __real_fchown(int file, uid_t owner, gid_t group);
int __real_fchmod(int file, mode_t mode);
int __real_fstat(int file, struct stat* status);
int __real_renameat(int from_folder, const char* from, int to_folder, const char* to);
int __real_unlinkat(int folder, const char* path, int flags);

int __wrap_openat(int folder, const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return fails(true) ? -1 : __real_openat(folder, path, flags, mode);
}
ssize_t __wrap_write(int file, const void* bytes, size_t size) {
    return fails(true) ? -1 : __real_write(file, bytes, share(size));
}
ssize_t __wrap_pread(int file, void* bytes, size_t size, off_t at) {
    return fails(true) ? -1 : __real_pread(file, bytes, share(size), at);
}
int __wrap_fsync(int file) {
    // (What a killed process has written needs no disk to be read. The disk's own time was 15 of 17 seconds of these tests.)
    if (fails(true)) return -1;
    return under_test ? 0 : __real_fsync(file);
}
int __wrap_dup(int file) { return fails() ? -1 : __real_dup(file); }
int __wrap_close(int file) {
    // (It is closed even if it says that something failed.)
    const bool failed = fails(true);
    const int error = errno;
    const int result = __real_close(file);
    if (failed) errno = error;
    return failed ? -1 : result;
}
int __wrap_flock(int file, int operation) { return fails() ? -1 : __real_flock(file, operation); }
int __wrap_fchown(int file, uid_t owner, gid_t group) { return fails() ? -1 : __real_fchown(file, owner, group); }
int __wrap_fchmod(int file, mode_t mode) { return fails() ? -1 : __real_fchmod(file, mode); }
int __wrap_fstat(int file, struct stat* status) { return fails() ? -1 : __real_fstat(file, status); }
int __wrap_renameat(int from_folder, const char* from, int to_folder, const char* to) {
    return fails() ? -1 : __real_renameat(from_folder, from, to_folder, to);
}
int __wrap_unlinkat(int folder, const char* path, int flags) { return fails() ? -1 : __real_unlinkat(folder, path, flags); }
}

namespace residua::io {
namespace {

using Net = Network<Shape{2, 1, 1}, Sequence<Conv<2, Kernel<1>>, BatchNorm<>, GlobalAveragePool, Linear<2>>>;

// A folder in which a checkpoint is saved over another; their notes tell them apart.
class Folder {
public:
    explicit Folder(bool has_old) : old_(has_old ? std::string(5000, 'o') : "nothing") {
        if (has_old) save_checkpoint(trainer_, path(), "seed: 1\n", old_);
    }

    // The number of calls that saving (or loading) made, and what it said.
    int save(const Fault& with) {
        return during(with, [&] { save_checkpoint(trainer_, path(), "seed: 1\n", new_); });
    }
    int load(const Fault& with) {
        loaded_.clear();
        return during(with, [&] { loaded_ = load_checkpoint(trainer_, path(), "seed: 1\n"); });
    }
    const std::string& error() const { return error_; }
    const std::string& loaded() const { return loaded_; }
    const std::string& old_notes() const { return old_; }
    const std::string& new_notes() const { return new_; }
    std::filesystem::path path() const { return folder_.path() / "checkpoint"; }

    // The notes of what stands there, which must be whole.
    std::string standing() {
        if (!std::filesystem::exists(path())) return "nothing";
        load({});
        return error_ == "none" ? loaded_ : error_;
    }
    std::size_t files() const {
        std::size_t count = 0;
        for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_.path())) ++count;
        return count;
    }
    // Without a fault all is well, whatever the last one left.
    void check_that_it_goes_on() {
        save({});
        CHECK(error_ == "none");
        CHECK(standing() == new_);
        CHECK(files() == 1);
    }

private:
    template <class Action>
    int during(const Fault& with, Action action) {
        error_ = "none";
        fault = with;
        under_test = true;
        try {
            action();
        } catch (const Error& error) {
            fault.kind = Fault::Kind::none;
            error_ = error.what();
        }
        fault.kind = Fault::Kind::none;
        under_test = false;
        return fault.calls;
    }

    testing::TemporaryFolder folder_;
    Parameters<Net> parameters_ = initialized<Net>();
    Trainer<Net, 1> trainer_{parameters_};
    std::string old_;
    std::string new_ = std::string(6000, 'n');
    std::string error_;
    std::string loaded_;
};

TEST_CASE("a call that fails, alone or with all that follow: an error with the reason, and the old file; or the new one") {
    for (const bool has_old : {true, false}) {
        for (const int error : {EIO, ENOSPC, EMFILE}) {
            for (const Fault::Kind kind : {Fault::Kind::error, Fault::Kind::error_from_there_on}) {
                int calls = 100;
                int refused = 0;
                for (int at = 0; at < calls; ++at) {
                    CAPTURE(has_old);
                    CAPTURE(error);
                    CAPTURE(at);
                    Folder folder(has_old);
                    const int made = folder.save({kind, at, error});
                    if (kind == Fault::Kind::error && folder.error() == "none") calls = std::max(made, at + 1);
                    if (at >= made) break;  // the fault came after the last call

                    const std::string said = folder.error();
                    const std::string stands = folder.standing();
                    if (said == "none") {
                        CHECK(stands == folder.new_notes());
                    } else {
                        const bool written = said.find(": is written, but may not survive a power cut") != said.npos;
                        CHECK_UNARY(written || said.find(": cannot be written (") != said.npos);
                        CHECK(said.find(detail::reason(error)) != said.npos);
                        CHECK(said.find(folder.path().string()) == 0);
                        CHECK(stands == (written ? folder.new_notes() : folder.old_notes()));
                        ++refused;
                    }
                    // (Only if removing the draft fails too does it stay until the next save.)
                    if (kind == Fault::Kind::error) CHECK(folder.files() == (stands == "nothing" ? 0 : 1));
                    folder.check_that_it_goes_on();
                }
                CHECK(refused >= 6);  // open, open the folder, open the draft, write, fsync, dup, close, rename, fsync the folder
            }
        }
    }
}

TEST_CASE("a process killed at any call leaves the old checkpoint or the new one, and nothing that stays") {
    for (const bool has_old : {true, false}) {
        bool ended = false;
        bool old_seen = false;
        bool new_seen = false;
        for (int at = 0; !ended; ++at) {
            CAPTURE(at);
            REQUIRE(at < 100);
            Folder folder(has_old);
            const pid_t child = ::fork();
            if (child == 0) {
                folder.save({Fault::Kind::kill, at});
                ::_exit(0);
            }
            int status = 0;
            REQUIRE(::waitpid(child, &status, 0) == child);
            ended = WIFEXITED(status);
            CHECK_UNARY(ended || WTERMSIG(status) == SIGKILL);

            const std::string stands = folder.standing();
            CHECK_UNARY(stands == folder.old_notes() || stands == folder.new_notes());
            old_seen = old_seen || stands == folder.old_notes();
            new_seen = new_seen || (!ended && stands == folder.new_notes());
            CHECK(folder.files() <= 2);
            folder.check_that_it_goes_on();
        }
        CHECK(old_seen);
        CHECK(new_seen);
    }
}

TEST_CASE("signals and calls that do little at once do not matter") {
    for (const bool has_old : {true, false}) {
        for (const Fault::Kind kind : {Fault::Kind::interruption, Fault::Kind::little_at_once}) {
            Folder folder(has_old);
            folder.save({kind});
            CHECK(folder.error() == "none");
            CHECK(folder.standing() == folder.new_notes());
            CHECK(folder.files() == 1);
            folder.load({kind});
            CHECK(folder.error() == "none");
            CHECK(folder.loaded() == folder.new_notes());
        }
    }
}

TEST_CASE("a call that fails while loading is an error with the reason") {
    Folder folder(true);
    const int calls = folder.load({});
    CHECK(calls >= 4);
    int refused = 0;
    for (int at = 0; at < calls; ++at) {
        CAPTURE(at);
        folder.load({Fault::Kind::error, at, EIO});
        if (folder.error() == "none") continue;
        CHECK(folder.error().find(folder.path().string() + ": cannot be ") == 0);
        CHECK(folder.error().find("(Input/output error)") != std::string::npos);
        ++refused;
    }
    CHECK(refused >= calls - 1);  // (closing what was read does not matter)
}

}  // namespace
}  // namespace residua::io
