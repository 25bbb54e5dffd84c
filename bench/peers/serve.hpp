// The conversation of a side with the driver: a line of standard input is answered by a line.
//   about               a JSON object: what this side is
//   check WORK FILE     makes the work, does it once, writes its results: "done HOW", "absent WHY" (this side has no such
//                       work) or "failed WHY"
//   time WORK TIMES     does it so often: the seconds of each
//   list                ours alone: a JSON array of the works
#pragma once

#include "work.hpp"

#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>
#include <memory>
#include <sstream>

namespace peers {

struct Side {
    std::function<std::string()> about;
    std::function<std::string()> list;
    // Null and `why` set: there is no such work on this side.
    std::function<std::unique_ptr<Work>(const std::string& name, std::string& why)> make;
};

// Until standard input ends. What main() returns.
inline int serve(const Side& side) {
    std::unique_ptr<Work> work;
    std::string name;

    const auto take = [&](const std::string& wanted, bool anew) {
        std::string why;
        if (anew || name != wanted) {
            work.reset();
            work = side.make(wanted, why);
            name = work ? wanted : "";
        }
        return why;
    };
    const auto check = [&](const std::string& wanted, const std::string& file) {
        const std::string why = take(wanted, true);
        if (!work) return "absent " + why;
        work->run();
        write(work->results(), file);
        return "done " + work->how();
    };
    const auto time = [&](const std::string& wanted, int times) {
        std::ostringstream answer;
        take(wanted, false);
        if (!work) throw std::runtime_error("no such work");
        for (int i = 0; i < times; ++i) {
            const auto begin = std::chrono::steady_clock::now();
            work->run();
            answer << std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() << " ";
        }
        return answer.str();
    };

    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string command, wanted, file;
        int times = 0;
        std::string answer;
        words >> command >> wanted;
        try {
            if (command == "about") {
                answer = side.about();
            } else if (command == "list" && side.list) {
                answer = side.list();
            } else if (command == "check" && words >> file) {
                answer = check(wanted, file);
            } else if (command == "time" && words >> times) {
                answer = time(wanted, times);
            } else {
                answer = "failed expected about, list, check WORK FILE or time WORK TIMES, found: " + line;
            }
        } catch (const std::exception& error) {
            answer = std::string("failed ") + error.what();
            work.reset();
            name.clear();
        }
        std::cout << answer << std::endl;
    }
    return 0;
}

}  // namespace peers
