"""The programs that are compared: each is a process, which is spoken to in lines (serve.hpp)."""
import contextlib
import json
import os
import subprocess


class Ended(Exception):
    """A side does no more."""


class Side:
    """One program. `about` is what it says of itself; `label` is its name and version."""

    def __init__(self, command, threads=1, folder=None):
        processors = sorted(os.sched_getaffinity(0))
        if not 1 <= threads <= len(processors):
            raise ValueError(f"expected 1 to {len(processors)} threads, as many as this process has processors, found {threads}")
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads), MKL_NUM_THREADS=str(threads),
                           ONEDNN_VERBOSE="none")  # (what it says of errors would stand between answers)
        # All sides on the same processors, whatever their threads are: the last ones, since a system's own work is on the first.
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=folder,
                                        preexec_fn=lambda: os.sched_setaffinity(0, processors[-threads:]))
        self.ended = False
        about = self.ask("about")
        if about.startswith("failed"):
            raise Ended(about)
        self.about = json.loads(about)
        self.label = f"{self.about['name']} {self.about['version']}"

    def ask(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        answer = self.process.stdout.readline()
        if not answer:
            self.ended = True
            raise Ended(f"{' '.join(map(str, self.process.args))} ended at: {line}")
        return answer.strip()

    def check(self, work, path):
        """("done", how) or ("absent" or "failed", why)."""
        if self.ended:
            return "absent", "ended before"
        try:
            answer, _, text = self.ask(f"check {work} {path}").partition(" ")
        except Ended as error:
            return "failed", str(error)
        return answer, text

    def time(self, work, times):
        """Seconds of each repetition. Error: Ended, also where the work fails now."""
        answer = self.ask(f"time {work} {times}")
        if answer.startswith("failed"):
            raise Ended(f"{self.label}, {work}: {answer}")
        return [float(word) for word in answer.split()]

    def close(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()
