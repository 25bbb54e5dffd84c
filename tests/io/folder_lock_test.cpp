// One run a folder, also if the last one was killed.
#include <doctest/doctest.h>

#include <residua/io/folder_lock.hpp>

#include "../support/folder.hpp"
#include "../support/message.hpp"

#include <fstream>
#include <optional>

#include <sys/wait.h>

namespace residua::io {
namespace {

std::string trouble(const std::filesystem::path& folder) {
    return testing::message_of([&] { const FolderLock lock(folder); });
}

// A process of its own that holds a folder until it is killed.
class OtherRun {
public:
    explicit OtherRun(const std::filesystem::path& folder) {
        int ready[2];
        REQUIRE(::pipe(ready) == 0);
        process_ = ::fork();
        if (process_ == 0) {
            const FolderLock lock(folder);
            [[maybe_unused]] const ssize_t told = ::write(ready[1], "x", 1);
            for (;;) ::pause();
        }
        char byte = 0;
        CHECK(::read(ready[0], &byte, 1) == 1);
        ::close(ready[0]);
        ::close(ready[1]);
    }
    OtherRun(const OtherRun&) = delete;
    OtherRun& operator=(const OtherRun&) = delete;
    ~OtherRun() { end(); }

    pid_t process() const { return process_; }
    void end() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        process_ = 0;
    }

private:
    pid_t process_ = 0;
};

TEST_CASE("a folder has one run at a time") {
    const testing::TemporaryFolder folder;
    {
        const FolderLock lock(folder.path());
        CHECK(trouble(folder.path()) ==
              folder.path().string() + ": another run is using it (process " + std::to_string(::getpid()) + ")");
        CHECK(trouble(folder.path() / ".") != "none");
    }
    CHECK(trouble(folder.path()) == "none");
    CHECK(trouble(folder.path()) == "none");
}

TEST_CASE("another process holds a folder until it ends, also by SIGKILL") {
    const testing::TemporaryFolder folder;
    OtherRun other(folder.path());
    CHECK(trouble(folder.path()) ==
          folder.path().string() + ": another run is using it (process " + std::to_string(other.process()) + ")");
    other.end();
    CHECK(trouble(folder.path()) == "none");
}

TEST_CASE("who would rather not wait for an error is told nothing") {
    const testing::TemporaryFolder folder;
    {
        const std::optional<FolderLock> first = FolderLock::if_free(folder.path());
        REQUIRE(first);
        CHECK(!FolderLock::if_free(folder.path()));
        CHECK(trouble(folder.path()) != "none");
    }
    CHECK(FolderLock::if_free(folder.path()));
    CHECK_THROWS_AS(FolderLock::if_free(folder.path() / "none"), Error);
}

TEST_CASE("a process's number that means nothing is not shown") {
    const testing::TemporaryFolder folder;
    const FolderLock lock(folder.path());
    for (const char* text : {"", "\n", "x", "-1\n", "0\n", "99999999999999999999\n", "2147483647\n", "12"}) {
        std::ofstream(folder.path() / "residua.lock") << text;
        CHECK(trouble(folder.path()) == folder.path().string() + ": another run is using it");
    }
}

TEST_CASE("what cannot be locked is an error, and nothing is written to") {
    const testing::TemporaryFolder folder;
    CHECK(trouble(folder.path() / "none") ==
          (folder.path() / "none/residua.lock").string() + ": cannot be opened (No such file or directory)");

    const auto target = folder.path() / "target";
    std::ofstream(target) << "text";
    std::filesystem::create_symlink(target, folder.path() / "residua.lock");
    CHECK(trouble(folder.path()).find("residua.lock: cannot be opened (") != std::string::npos);
    CHECK(std::filesystem::file_size(target) == 4);
    std::filesystem::remove(folder.path() / "residua.lock");

    REQUIRE(::mkfifo((folder.path() / "residua.lock").c_str(), 0600) == 0);
    CHECK(trouble(folder.path()).find("expected a file to lock") != std::string::npos);
    std::filesystem::remove(folder.path() / "residua.lock");

    std::filesystem::create_directory(folder.path() / "residua.lock");
    CHECK(trouble(folder.path()).find("residua.lock: cannot be opened (Is a directory)") != std::string::npos);
}

}  // namespace
}  // namespace residua::io
