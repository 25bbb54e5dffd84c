// Files that are there whole or not at all.
#include <doctest/doctest.h>

#include <residua/io/atomic_file.hpp>

#include "../support/folder.hpp"

#include <csignal>
#include <cstring>

#include <sys/resource.h>

namespace residua::io {
namespace {

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
template <class Action>
std::string trouble(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    return "none";
}
bool has(const std::string& text, const std::string& part) {
    CAPTURE(text);
    return text.find(part) != std::string::npos;
}

// No file of this process grows beyond so many bytes: a disk that is full.
class FullDisk {
public:
    explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
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

TEST_CASE("what a crash left does not matter") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "file";
    write_file(path.string() + ".new", Bytes(1000));
    write_file(path, bytes_of("new"));
    CHECK(read_file(path, 100) == bytes_of("new"));
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
        why = trouble([&] { write_file(path, Bytes(100'000)); });
    }
    CHECK(has(why, path.string() + ": cannot be written (File too large)"));
    CHECK(read_file(path, 100) == bytes_of("old"));
    CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("paths that do not fit are errors with the system's reason") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "folder";
    std::filesystem::create_directory(path);
    CHECK(has(trouble([&] { write_file(path, bytes_of("new")); }), path.string() + ": cannot be written (Is a directory)"));
    CHECK(has(trouble([&] { write_file(path / "none/file", bytes_of("new")); }), "cannot be written (No such file"));
    CHECK(has(trouble([&] { read_file(path, 100); }), "cannot be read (Is a directory)"));
    CHECK(has(trouble([&] { read_file(path / "none", 100); }), "cannot be opened (No such file or directory)"));
    CHECK(std::filesystem::is_directory(path));
    CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("a file larger than expected is an error") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "file";
    write_file(path, Bytes(70'000));
    CHECK(read_file(path, 70'000).size() == 70'000);
    CHECK(has(trouble([&] { read_file(path, 69'999); }), "expected at most 69999 bytes, found more"));
    CHECK(has(trouble([&] { read_file(path, 10); }), "expected at most 10 bytes, found more"));
}

}  // namespace
}  // namespace residua::io
