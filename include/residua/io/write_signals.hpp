// Signals by which the system ends a process that writes.
#pragma once

#include <residua/simd/isa.hpp>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <initializer_list>

namespace residua::inline RESIDUA_ISA::io::detail {

// While it lives, what cannot be written is an error of this thread and not the end of the process: to a pipe that nobody reads
// any more (EPIPE), or beyond the size that files may have (EFBIG).
class NoWriteSignals {
public:
    NoWriteSignals() {
        // (One that waits already is somebody else's, and blocked.)
        sigset_t pending;
        sigpending(&pending);
        sigemptyset(&ours_);
        for (const int signal : {SIGPIPE, SIGXFSZ}) {
            if (sigismember(&pending, signal) != 1) sigaddset(&ours_, signal);
        }
        pthread_sigmask(SIG_BLOCK, &ours_, &before_);
    }
    NoWriteSignals(const NoWriteSignals&) = delete;
    NoWriteSignals& operator=(const NoWriteSignals&) = delete;
    ~NoWriteSignals() {
        const int error = errno;
        const timespec no_time{};
        while (sigtimedwait(&ours_, nullptr, &no_time) >= 0 || errno == EINTR) {
        }
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
        errno = error;
    }

private:
    sigset_t ours_;
    sigset_t before_;
};

}  // namespace residua::inline RESIDUA_ISA::io::detail
