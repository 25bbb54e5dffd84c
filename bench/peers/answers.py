"""How a side in Python answers, as serve.hpp says. Needs nothing beyond Python."""
import json
import sys
import time


class Absent(Exception):
    """This side has no such work."""


def seconds_of(run, times=3):
    """The least of some (of what is long, one), after one that warms up."""
    run()
    least = float("inf")
    for _ in range(times):
        begin = time.perf_counter()
        run()
        least = min(least, time.perf_counter() - begin)
        if least > 0.5:
            break
    return least


def serve(about, make, write, answers=sys.stdout):
    """about(): {"name": ..., "version": ...}; make(work's name): what has run() and says `how`; write(path, it): its results."""
    name, work = "", None
    for line in sys.stdin:
        command, *words = line.split()
        try:
            if command == "about":
                answer = json.dumps(about())
            elif command == "check":
                name, work = "", None
                work = make(words[0])
                name = words[0]
                work.run()
                write(words[1], work)
                answer = f"done {work.how}"
            elif command == "time" and words[0] == name:
                seconds = []
                for _ in range(int(words[1])):
                    begin = time.perf_counter()
                    work.run()
                    seconds.append(f"{time.perf_counter() - begin:.9f}")
                answer = " ".join(seconds)
            else:
                answer = f"failed expected about, check WORK FILE or time WORK TIMES of the work checked last, found: {line.strip()}"
        except Absent as why:
            answer = f"absent {why}"
        except Exception as error:  # (whatever a framework throws is said, and the next work is tried)
            answer = "failed " + " ".join(f"{type(error).__name__}: {error}".split())[:300]
        print(answer, file=answers, flush=True)
