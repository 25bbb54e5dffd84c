// Signals that ask a program to end: it finishes its step, saves, and ends.
#pragma once

#include <csignal>

namespace train {

inline volatile std::sig_atomic_t stop_signal = 0;  // the one that came; 0: none

// Ctrl-C, kill, and a terminal that was closed (unless the program was started to outlive it: nohup). A second signal of the
// same kind ends the program at once; only that the reader of its output has gone is told again with every line. (Calls are
// interrupted, not restarted: a log that is a pipe may never have a reader.)
inline void listen_for_stop() {
    struct sigaction action {};
    action.sa_handler = [](int signal) { stop_signal = signal; };
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
        action.sa_flags = signal == SIGPIPE ? 0 : static_cast<int>(SA_RESETHAND);
        struct sigaction before {};
        sigaction(signal, nullptr, &before);
        if ((signal == SIGHUP || signal == SIGPIPE) && before.sa_handler == SIG_IGN) continue;
        sigaction(signal, &action, nullptr);
    }
}

}  // namespace train
