// Other processes that keep the machine busy.
#pragma once

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bench {

// So many processes that compute as long as this lives (or the program does).
class BusyProcesses {
public:
    explicit BusyProcesses(int count) {
        for (int i = 0; i < count; ++i) {
            const pid_t child = fork();
            if (child < 0) {
                std::perror("fork");
                std::exit(1);
            }
            if (child == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                volatile unsigned work = 0;
                for (;;) work = work + 1;
            }
            children_.push_back(child);
        }
    }
    BusyProcesses(const BusyProcesses&) = delete;
    BusyProcesses& operator=(const BusyProcesses&) = delete;
    ~BusyProcesses() {
        for (const pid_t child : children_) {
            kill(child, SIGKILL);
            waitpid(child, nullptr, 0);
        }
    }

private:
    std::vector<pid_t> children_;
};

}  // namespace bench
