// Teams: what runs where, what is thrown, and when a region ends.
#include <doctest/doctest.h>

#include <residua/core/team.hpp>

#include "../support/own_executor.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#ifndef RESIDUA_TEST_SANITIZED
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace residua {
namespace {

static_assert(part_of(10, 3, 0).begin == 0 && part_of(10, 3, 2).end == 10);
static_assert(chunks_of(1) == 32 && chunks_of(10'000'000) == 1);

// A team of each kind: one thread, several, more than there are processors, a user's.
template <class Visit>
void on_every_team(const Visit& visit) {
    for (const int threads : {1, 2, 3, 8}) {
        CAPTURE(threads);
        visit(Threads(threads));
    }
    testing::TakesTurns mine;
    visit(Threads(mine.executor()));
    CHECK(mine.calls > 0);
}

TEST_CASE("every task runs once, with the scratch of a worker to itself") {
    on_every_team([](const Threads& threads) {
        const Team team(threads, 65);
        std::vector<std::atomic<int>> runs(101);
        std::atomic<int> wrong{0};
        team.run(101, [&](int task, std::byte* own) {
            ++runs[static_cast<Size>(task)];
            wrong += reinterpret_cast<std::uintptr_t>(own) % 64 != 0;
            auto* mark = reinterpret_cast<volatile int*>(own);
            *mark = task;
            for (int i = 0; i < 100; ++i) pause();
            wrong += *mark != task;
        });
        for (const auto& count : runs) CHECK(count == 1);
        CHECK(wrong == 0);
        team.run(0, [&](int, std::byte*) { ++wrong; });
        CHECK(wrong == 0);
    });
}

TEST_CASE("images and blocks are covered once, for few images and for many") {
    for (const int n : {1, 3, 9}) {
        std::vector<std::atomic<int>> runs(static_cast<Size>(n) * 5);
        Team(2).run_images(n, 5, [&](int image, Range blocks, std::byte*) {
            for (int b = blocks.begin; b < blocks.end; ++b) ++runs[static_cast<Size>(image * 5 + b)];
        });
        for (const auto& count : runs) CHECK(count == 1);
    }
}

TEST_CASE("two threads are two") {
    const Team team(2);
    for (int round = 0; round < 20; ++round) {
        std::array<std::atomic<bool>, 2> begun{};
        team.run(2, [&](int task, std::byte*) {  // ends only if both tasks run at once
            begun[static_cast<Size>(task)] = true;
            begun[static_cast<Size>(task)].notify_one();
            begun[static_cast<Size>(1 - task)].wait(false);
        });
    }
}

TEST_CASE("regions follow each other closely, whatever late threads do") {
    on_every_team([](const Threads& threads) {
        const Team team(threads);
        const int regions = threads.executor().run ? 30 : 3000;
        long sum = 0;
        for (int region = 0; region < regions; ++region) {
            // Of another size each, on a stack that the next one reuses.
            std::array<long, 7> values{};
            const int tasks = 1 + region % 7;
            team.run(tasks, [&, region](int task, std::byte*) { values[static_cast<Size>(task)] += region; });
            sum += std::accumulate(values.begin(), values.end(), 0L) - static_cast<long>(region) * tasks;
        }
        CHECK(sum == 0);
    });
}

TEST_CASE("threads that have gone to sleep are woken") {
    const Team team(3);
    for (int round = 0; round < 5; ++round) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        std::atomic<int> runs{0};
        team.run(50, [&](int, std::byte*) { ++runs; });
        CHECK(runs == 50);
    }
}

#ifndef RESIDUA_TEST_SANITIZED
TEST_CASE("a region does not wait for a thread that does not run") {
    const Team team(3);
    // In a child process there is only the thread that forked: the others never come.
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        alarm(10);
        std::atomic<int> runs{0};
        team.run(50, [&](int, std::byte*) { ++runs; });
        _exit(runs == 50 ? 0 : 1);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}
#endif

TEST_CASE("many teams at once, each of several threads") {
    std::atomic<int> wrong{0};
    std::vector<std::jthread> users;
    for (int user = 0; user < 4; ++user) {
        users.emplace_back([&] {
            const Team team(2);
            for (int region = 0; region < 300; ++region) {
                std::atomic<int> runs{0};
                team.run(9, [&](int, std::byte*) { ++runs; });
                wrong += runs != 9;
            }
        });
    }
    users.clear();
    CHECK(wrong == 0);
}

TEST_CASE("the exception of the lowest task that throws arrives, on any number of threads, and the team goes on") {
    on_every_team([](const Threads& threads) {
        const Team team(threads);
        for (int round = 0; round < 20; ++round) {
            std::vector<std::atomic<int>> runs(100);
            const auto body = [&](int task, std::byte*) {
                ++runs[static_cast<Size>(task)];
                if (task == 37 || task > 60) throw std::out_of_range("task " + std::to_string(task));
            };
            CHECK_THROWS_WITH_AS(team.run(100, body), "task 37", std::out_of_range);
            for (Size task = 0; task < 100; ++task) CHECK(runs[task] <= 1);
            for (Size task = 0; task <= 37; ++task) CHECK(runs[task] == 1);  // (those above may have been left out)
        }
        CHECK_THROWS_AS(team.run(1, [](int, std::byte*) { throw 1; }), int);

        std::atomic<int> runs{0};
        team.run(100, [&](int, std::byte*) { ++runs; });
        CHECK(runs == 100);
    });
}

TEST_CASE("a task that starts tasks on its own team is an error, on another team it is not") {
    on_every_team([](const Threads& threads) {
        const Team team(threads);
        const auto nested = [&](int, std::byte*) { team.run(2, [](int, std::byte*) {}); };
        CHECK_THROWS_AS(team.run(5, nested), Error);

        std::atomic<int> runs{0};
        team.run(5, [&](int, std::byte*) { Team(2).run(3, [&](int, std::byte*) { ++runs; }); });
        CHECK(runs == 15);
    });
}

#if defined(__SSE2__) || defined(__aarch64__)
TEST_CASE("numbers smaller than any normal one are zero to tasks, and to whoever gives them what they were") {
    constexpr float least = std::numeric_limits<float>::min();
    const volatile float half = 0.5F;
    const volatile float small = least / 2;
    on_every_team([&](const Threads& threads) {
        std::array<float, 40> results{};
        std::array<float, 40> operands{};
        Team(threads).run(40, [&](int task, std::byte*) {
            for (int i = 0; i < 100; ++i) pause();  // (so that every thread has some)
            results[static_cast<Size>(task)] = least * half;
            operands[static_cast<Size>(task)] = small / least;
        });
        CHECK(results == std::array<float, 40>{});
        CHECK(operands == std::array<float, 40>{});
        CHECK(least * half == least / 2);
        CHECK(small / least == 0.5F);
    });
}
#endif

TEST_CASE("numbers of threads that make no sense are errors") {
    CHECK_THROWS_WITH_AS(Team(0), "residua: expected 1 to 1024 threads, found 0", Error);
    CHECK_THROWS_WITH_AS(Team(-3), "residua: expected 1 to 1024 threads, found -3", Error);
    CHECK_THROWS_WITH_AS(Team(1025), "residua: expected 1 to 1024 threads, found 1025", Error);
    CHECK_THROWS_WITH_AS(Team(std::uint64_t{1} << 32 | 1), "residua: expected 1 to 1024 threads, found 4294967297", Error);
    CHECK_THROWS_WITH_AS(Team(~std::uint64_t{0}), "residua: expected 1 to 1024 threads, found 18446744073709551615", Error);
    CHECK_THROWS_WITH_AS(Team(Executor{}), "residua: expected 1 to 1024 workers of an executor, found 0", Error);
    CHECK_THROWS_WITH_AS(Team(Executor{2}), "residua: expected an executor with a function, found one without", Error);
}

TEST_CASE("an executor that breaks its contract is found out") {
    const Executor lazy{2, [](void*, int tasks, void* region, Executor::Task task) {
                            for (int i = 1; i < tasks; ++i) task(region, i, 0);
                        }};
    CHECK_THROWS_WITH_AS(Team(lazy).run(5, [](int, std::byte*) {}), "residua: an executor was given 5 tasks, and ran 4", Error);

    const Executor wild{2, [](void*, int tasks, void* region, Executor::Task task) {
                            for (int i = 0; i < tasks; ++i) task(region, i, i);
                        }};
    CHECK_THROWS_WITH_AS(Team(wild).run(5, [](int, std::byte*) {}),
                         "residua: an executor of 2 workers was given 5 tasks, and ran task 2 on worker 2", Error);
}

}  // namespace
}  // namespace residua
