// Files that are there whole or not at all.
#include <doctest/doctest.h>

#include <residua/io/atomic_file.hpp>
#include <residua/io/input_file.hpp>

#include "../support/folder.hpp"
#include "../support/message.hpp"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

namespace residua::io {
namespace {

using testing::has;
using testing::message_of;
using testing::TemporaryFolder;

Bytes bytes_of(const std::string& text) {
    Bytes bytes(text.size());
    std::memcpy(bytes.data(), text.data(), text.size());
    return bytes;
}
std::size_t files_in(const std::filesystem::path& folder) {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++count;
    return count;
}

// No file of this process grows beyond so many bytes: a disk that is full. The system's answer is to end the
// process (SIGXFSZ), also where whoever started it had that ignored.
class FullDisk {
public:
    explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_DFL)) {
        getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;
    ~FullDisk() {
        setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }

private:
    rlimit before_{};
    void (*handler_)(int);
};

TEST_CASE("a file is written, replaced and read, and nothing is left beside it") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "file";
    write_file(path, bytes_of("old"));
    CHECK(read_file(path, 3) == bytes_of("old"));
    write_file(path, Bytes(200'000, std::byte{7}));
    CHECK(read_file(path, 200'000) == Bytes(200'000, std::byte{7}));
    write_file(path, {});
    CHECK(read_file(path, 0).empty());
    CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("what a killed process left is removed, and what else stands there is not") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "file";
    std::ofstream(folder.path() / ".file.1.new") << "half";
    std::ofstream(folder.path() / "file.new") << "mine";
    write_file(path, bytes_of("new"));
    CHECK(read_file(path, 100) == bytes_of("new"));
    CHECK(read_file(folder.path() / "file.new", 100) == bytes_of("mine"));
    CHECK(files_in(folder.path()) == 2);
}

TEST_CASE("a draft that another writer holds is left alone") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "file";
    const auto draft = folder.path() / ".file.1.new";
    std::ofstream(draft) << "half";
    const int other = ::open(draft.c_str(), O_RDONLY);
    REQUIRE(::flock(other, LOCK_EX) == 0);
    write_file(path, bytes_of("new"));
    CHECK(read_file(path, 100) == bytes_of("new"));
    CHECK(read_file(draft, 100) == bytes_of("half"));
    ::close(other);
    write_file(path, bytes_of("newer"));
    CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("a link that somebody planted is not followed") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "file";
    const auto victim = folder.path() / "victim";
    std::ofstream(victim) << "precious";
    std::filesystem::create_symlink(victim, path.string() + ".new");
    for (int i = 1; i <= 100; ++i) {
        if (i == 7) write_file(path, bytes_of("new"));
        std::filesystem::create_symlink(victim, folder.path() / (".file." + std::to_string(i) + ".new"));
    }
    CHECK(
        has(message_of([&] { write_file(path, bytes_of("newer")); }), "found 100 files .file.*.new beside it that others hold"));
    CHECK(read_file(victim, 100) == bytes_of("precious"));
    CHECK(read_file(path, 100) == bytes_of("new"));
    CHECK(files_in(folder.path()) == 103);
}

TEST_CASE("many writers of one file: it is whole at any moment, and one of them is last") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "file";
    write_file(path, Bytes(50'000, std::byte{0}));
    std::vector<std::thread> writers;
    for (int writer = 1; writer <= 4; ++writer) {
        writers.emplace_back([&path, writer] {
            for (int i = 0; i < 25; ++i) write_file(path, Bytes(50'000, static_cast<std::byte>(writer)));
        });
    }
    bool whole = true;
    for (int i = 0; i < 200; ++i) {
        const Bytes bytes = read_file(path, 50'000);
        whole = whole && bytes == Bytes(50'000, bytes.at(0));
    }
    for (std::thread& writer : writers) writer.join();
    CHECK(whole);
    CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("the old file's rights stay") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "file";
    const auto mode_of = [](const std::filesystem::path& file) {
        struct stat status {};
        REQUIRE(::stat(file.c_str(), &status) == 0);
        return status.st_mode & 07777;
    };
    const mode_t before = ::umask(027);
    write_file(path, bytes_of("old"));
    ::umask(before);
    CHECK(mode_of(path) == 0640);
    for (const mode_t mode : {0600U, 0666U, 0640U, 0755U}) {
        REQUIRE(::chmod(path.c_str(), mode) == 0);
        write_file(path, bytes_of("new"));
        CHECK(mode_of(path) == mode);
    }
    if (::geteuid() == 0) {
        REQUIRE(::chown(path.c_str(), 12'345, 54'321) == 0);
        write_file(path, bytes_of("new"));
        struct stat status {};
        REQUIRE(::stat(path.c_str(), &status) == 0);
        CHECK(status.st_uid == 12'345);
        CHECK(status.st_gid == 54'321);
    } else {
        REQUIRE(::chmod(path.c_str(), 0400) == 0);
        CHECK(has(message_of([&] { write_file(path, bytes_of("newer")); }), "cannot be written (Permission denied)"));
    }
    CHECK(read_file(path, 100) == bytes_of("new"));
}

TEST_CASE("links stay, and what they lead to is replaced") {
    const TemporaryFolder folder;
    const auto other = folder.path() / "other";
    std::filesystem::create_directory(other);
    std::ofstream(other / "target") << "old";
    std::filesystem::create_symlink("other/target", folder.path() / "relative");
    std::filesystem::create_symlink(folder.path() / "relative", folder.path() / "link");
    write_file(folder.path() / "link", bytes_of("new"));
    CHECK(read_file(other / "target", 100) == bytes_of("new"));
    CHECK(std::filesystem::is_symlink(folder.path() / "link"));
    CHECK(std::filesystem::is_symlink(folder.path() / "relative"));
    CHECK(files_in(other) == 1);

    std::filesystem::create_symlink("other/none", folder.path() / "dangling");
    write_file(folder.path() / "dangling", bytes_of("made"));
    CHECK(read_file(other / "none", 100) == bytes_of("made"));
    CHECK(std::filesystem::is_symlink(folder.path() / "dangling"));

    std::filesystem::create_symlink("round", folder.path() / "round");
    CHECK(has(message_of([&] { write_file(folder.path() / "round", {}); }), "cannot be written (Too many levels"));
    CHECK(files_in(folder.path()) == 5);
    CHECK(files_in(other) == 2);
}

TEST_CASE("devices and pipes are written to and stay what they are") {
    const TemporaryFolder folder;
    write_file("/dev/null", bytes_of("text"));
    CHECK(std::filesystem::is_character_file("/dev/null"));
    CHECK(has(message_of([] { write_file("/dev/full", Bytes(10)); }), "/dev/full: cannot be written (No space left on device)"));
    CHECK(std::filesystem::is_character_file("/dev/full"));

    const auto pipe = folder.path() / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    std::string read;
    std::thread reader([&] { std::getline(std::ifstream(pipe), read); });
    write_file(pipe, bytes_of("a line\n"));
    reader.join();
    CHECK(read == "a line");
    CHECK(std::filesystem::is_fifo(pipe));

    // A reader that goes away is an error, and no signal.
    const int gone = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
    std::thread leaver([&] {
        char byte = 0;
        while (::read(gone, &byte, 1) != 1) ::usleep(1000);
        ::close(gone);
    });
    CHECK(has(message_of([&] { write_file(pipe, Bytes(1 << 20)); }), "pipe: cannot be written (Broken pipe)"));
    leaver.join();

    const auto socket_path = folder.path() / "socket";
    const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(socket_path.string().size() < sizeof address.sun_path);
    std::strcpy(address.sun_path, socket_path.c_str());
    REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    CHECK(has(message_of([&] { write_file(socket_path, {}); }), "socket: cannot be written (No such device or address)"));
    ::close(socket);
    CHECK(std::filesystem::is_socket(socket_path));
    CHECK(files_in(folder.path()) == 2);
}

TEST_CASE("a signal ends the waiting for a pipe's reader, unless its handler asks for calls to go on") {
    const TemporaryFolder folder;
    const auto pipe = folder.path() / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    for (const int flags : {0, SA_RESTART}) {
        struct sigaction action {};
        struct sigaction before {};
        action.sa_handler = [](int) {};
        action.sa_flags = flags;
        sigaction(SIGUSR1, &action, &before);
        // (Again and again: one may come before the waiting. In the end there is a reader, lest we wait for ever.)
        std::atomic<bool> waits = true;
        std::thread signaller([&, waiting = pthread_self()] {
            for (int i = 0; i < 200 && waits; ++i) {
                pthread_kill(waiting, SIGUSR1);
                ::usleep(1000);
            }
            const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
            while (waits) ::usleep(1000);
            ::close(reader);
        });
        const std::string why = message_of([&] { write_file(pipe, bytes_of("text")); });
        waits = false;
        signaller.join();
        sigaction(SIGUSR1, &before, nullptr);
        CHECK(why == (flags == 0 ? pipe.string() + ": cannot be written (Interrupted system call)" : "none"));
    }
}

TEST_CASE("what a process has open is written to") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "file";
    std::ofstream(path) << "something longer";
    const int open = ::open(path.c_str(), O_RDWR);
    for (const char* way : {"/dev/fd/", "/proc/self/fd/"}) {
        write_file(way + std::to_string(open), bytes_of(way));
        char text[32] = {};
        CHECK(::pread(open, text, sizeof text, 0) == static_cast<ssize_t>(std::strlen(way)));
        CHECK(std::string(text) == way);
    }
    ::close(open);
    CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("whoever has the old file open goes on reading it") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "file";
    write_file(path, bytes_of("old"));
    std::FILE* reader = std::fopen(path.c_str(), "rb");
    REQUIRE(reader);
    write_file(path, bytes_of("new, longer"));
    char text[16] = {};
    CHECK(std::fread(text, 1, sizeof text, reader) == 3);
    CHECK(std::string(text) == "old");
    std::fclose(reader);
}

TEST_CASE("on a full disk the old file stays") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "file";
    write_file(path, bytes_of("old"));
    std::string why;
    {
        const FullDisk full(4096);
        why = message_of([&] { write_file(path, Bytes(100'000)); });
    }
    CHECK(has(why, path.string() + ": cannot be written (File too large)"));
    CHECK(read_file(path, 100) == bytes_of("old"));
    CHECK(files_in(folder.path()) == 1);

    const int open = ::open(path.c_str(), O_RDWR);
    {
        const FullDisk full(4096);
        why = message_of([&] { write_file("/dev/fd/" + std::to_string(open), Bytes(100'000)); });
    }
    ::close(open);
    CHECK(has(why, ": cannot be written (File too large)"));
}

TEST_CASE("signals are as they were after a file that cannot be written") {
    const TemporaryFolder folder;
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGPIPE, SIGXFSZ}) sigaddset(&signals, signal);
    sigset_t before;
    for (const bool were_blocked : {false, true}) {
        pthread_sigmask(were_blocked ? SIG_BLOCK : SIG_UNBLOCK, &signals, &before);
        if (were_blocked) ::raise(SIGXFSZ);  // (not ours, so it must still come)
        {
            const FullDisk full(4096);
            CHECK(has(message_of([&] { write_file(folder.path() / "file", Bytes(100'000)); }), "(File too large)"));
        }
        sigset_t now;
        pthread_sigmask(SIG_SETMASK, nullptr, &now);
        sigset_t pending;
        sigpending(&pending);
        CHECK((sigismember(&now, SIGPIPE) == 1) == were_blocked);
        CHECK((sigismember(&now, SIGXFSZ) == 1) == were_blocked);
        CHECK((sigismember(&pending, SIGXFSZ) == 1) == were_blocked);
        int taken = 0;
        if (were_blocked) CHECK(sigwait(&signals, &taken) == 0);
        CHECK(taken == (were_blocked ? SIGXFSZ : 0));
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }
}

TEST_CASE("paths that do not fit are errors with the system's reason") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "folder";
    std::filesystem::create_directory(path);
    CHECK(has(message_of([&] { write_file(path, bytes_of("new")); }), path.string() + ": cannot be written (Is a directory)"));
    CHECK(has(message_of([&] { write_file(path / "none/file", bytes_of("new")); }), "cannot be written (No such file"));
    CHECK(has(message_of([&] { read_file(path, 100); }), "cannot be read (Is a directory)"));
    CHECK(has(message_of([&] { read_file(path / "none", 100); }), "cannot be opened (No such file or directory)"));
    CHECK(std::filesystem::is_directory(path));
    CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("a file larger than expected is an error") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "file";
    write_file(path, Bytes(70'000));
    CHECK(read_file(path, 70'000).size() == 70'000);
    CHECK(has(message_of([&] { read_file(path, 69'999); }), "expected at most 69999 bytes, found 70000"));
    std::filesystem::resize_file(path, std::uintmax_t{1} << 33);
    CHECK(has(message_of([&] { read_file(path, 70'000); }), "expected at most 70000 bytes, found 8589934592"));
}

TEST_CASE("what is no file on a disk is not read, and not waited for") {
    const TemporaryFolder folder;
    CHECK(has(message_of([] { read_file("/dev/zero", 100); }), "/dev/zero: expected a file on a disk, found a device"));
    CHECK(has(message_of([&] { read_file(folder.path(), 100); }), "cannot be read (Is a directory)"));
    const auto pipe = folder.path() / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(has(message_of([&] { read_file(pipe, 100); }), "pipe: expected a file on a disk, found a pipe"));
}

TEST_CASE("parts of an input, from a file and from memory") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "file";
    write_file(path, bytes_of("0123456789"));
    const auto check = [&](const InputFile& input) {
        CHECK(input.size() == 10);
        Bytes part(4);
        input.read(6, part);
        CHECK(part == bytes_of("6789"));
        input.read(10, {});
        CHECK(has(message_of([&] { input.read(7, part); }), input.name() + ": expected 4 bytes at byte 7, found 3"));
        CHECK(has(message_of([&] { input.read(~std::uint64_t{0}, part); }), "found 0"));
    };
    check(InputFile("memory", bytes_of("0123456789")));
    const InputFile file(path);
    check(file);
    std::filesystem::resize_file(path, 8);
    Bytes part(4);
    CHECK(has(message_of([&] { file.read(6, part); }), "expected 10 bytes, found 8: it was cut short"));
}

}  // namespace
}  // namespace residua::io
