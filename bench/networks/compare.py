"""Residua beside PyTorch on one thread: training steps and inference of ResNet-20, by turns in one run.
   compare.py TURNS_PROGRAM PYTHON ROUNDS

Both programs stay loaded; in each round either does a few repetitions of each work while the other waits, and who is first alternates:
what disturbs the machine disturbs both. After a whole run (ROUNDS of 30 or more) a bar that is short ends it with 1."""
import statistics
import subprocess
import sys

REPETITIONS = {"train": 2, "infer_1": 20, "infer_128": 4}  # a turn
NAMES = {"train": "training step, 128 images", "infer_1": "inference, 1 image", "infer_128": "inference, 128 images"}
WHOLE_RUN = 30
BAR = 2.7  # PyTorch's least time of a training step over ours


class Peer:
    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.seconds = {work: [] for work in REPETITIONS}

    def ask(self, work):
        self.process.stdin.write(f"{work} {REPETITIONS[work]}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"{self.process.args} ended during {work}")
        return [float(word) for word in answer.split()]

    def turn(self, work):
        self.seconds[work] += self.ask(work)


def processor():
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return "unknown processor"


def main():
    program, python, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    version = subprocess.check_output([python, "-c", "import torch; print(torch.__version__)"], text=True).strip()
    ours, theirs = Peer(program), Peer(python, __file__.replace("compare.py", "pytorch.py"))
    for peer in (ours, theirs):
        for work in REPETITIONS:
            peer.ask(work)  # (what is loaded, allocated or compiled at the first call is not counted)
    for round_ in range(rounds):
        for work in REPETITIONS:
            for peer in (ours, theirs) if round_ % 2 == 0 else (theirs, ours):
                peer.turn(work)

    print(f"{processor()}, one thread, PyTorch {version}, {rounds} rounds; milliseconds, minimum and median")
    print(f"{'':28}{'Residua':>18}{'PyTorch':>18}{'PyTorch / Residua':>22}")
    for work in REPETITIONS:
        columns, ratios = "", []
        for peer in (ours, theirs):
            columns += f"{1e3 * min(peer.seconds[work]):9.2f}{1e3 * statistics.median(peer.seconds[work]):9.2f}"
        for figure in (min, statistics.median):
            ratios.append(figure(theirs.seconds[work]) / figure(ours.seconds[work]))
        print(f"{NAMES[work]:28}{columns}{ratios[0]:13.2f}{ratios[1]:9.2f}")

    if rounds >= WHOLE_RUN:
        ratio = min(theirs.seconds["train"]) / min(ours.seconds["train"])
        print(f"bar training_step_over_pytorch: {ratio:.3g} (want >= {BAR}) {'ok' if ratio >= BAR else 'short'}", file=sys.stderr)
        sys.exit(0 if ratio >= BAR else 1)


main()
