"""Residua beside others, on the same layers and networks: run.sh builds what this needs and calls it.

First each side does a work once, from the same numbers, and what came out is compared with ours: who does not agree is named with the
difference, and is not timed. Then they take turns, on the same processors, while the others wait; who is first alternates. Ends with 1
where a side did not agree or failed."""
import argparse
import contextlib
import datetime
import json
import os
import pathlib
import shlex
import statistics
import subprocess
import sys
import tempfile

import agreement
import page
import picture
import table
from sides import Ended, Side

HERE = pathlib.Path(__file__).resolve().parent
TURN = 0.02  # seconds of a turn at least, in repetitions of what is short
MOST_REPETITIONS = 50
RUNTIMES = ("onnxruntime", "openvino", "ncnn", "mnn")


def arguments():
    parser = argparse.ArgumentParser(prog="bench/peers/run.sh", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", required=True, help="the program peers_residua (run.sh gives it)")
    parser.add_argument("--onednn", action="append", default=[], metavar="PROGRAM", help="a program peers_onednn_N (run.sh makes them)")
    parser.add_argument("--python", action="append", default=[], metavar="PATH", help="a Python that has PyTorch, and what there is of onnxruntime, openvino, ncnn and MNN; several may be given")
    parser.add_argument("--side", action="append", default=[], metavar="COMMAND", help="any other program that answers as serve.hpp says")
    parser.add_argument("--compile", action="store_true", help="networks by torch.compile as well")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--passes", type=int, default=10, help="turns of each side, at least 10 for figures that are worth showing")
    parser.add_argument("--filter", default="", metavar="TEXT", help="only works whose names hold one of these texts (TEXT,TEXT)")
    parser.add_argument("--deep", action="store_true", help="networks that take minutes, too")
    parser.add_argument("--list", action="store_true", help="only says what works there are")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/peers/results"), metavar="DIR")
    parser.add_argument("--append", action="store_true", help="keeps what DIR's table says of other works")
    parser.add_argument("--picture", type=pathlib.Path, metavar="FILE", help="writes the picture of README as well")
    return parser.parse_args()


def processor():
    """As the system names it, and the number of its processors that this process may use."""
    name = "unknown processor"
    with contextlib.suppress(OSError), open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                name = line.split(":", 1)[1].strip()
                break
    # (Clouds hide the model's name; its family says the generation.)
    flags = subprocess.run(["lscpu"], capture_output=True, text=True, check=False).stdout
    family = {line.split(":")[0].strip(): line.split(":", 1)[1].strip() for line in flags.splitlines() if ":" in line}
    generation = {("25", "17"): " (Zen 4)", ("25", "1"): " (Zen 3)", ("26", "2"): " (Zen 5)"}
    return name + generation.get((family.get("CPU family"), family.get("Model")), "")


def version_of_ours(about):
    commit = subprocess.run(["git", "-C", HERE, "describe", "--always", "--dirty"], capture_output=True, text=True, check=False).stdout.strip()
    return f"{about['version']}{f' ({commit})' if commit else ''}"


def start(options, folder):
    """Ours, and the others: who is missing is named and left out."""
    common = ["--threads", str(options.threads), "--folder", str(folder)]
    try:
        ours = Side([options.ours, *common], options.threads, folder)
    except (Ended, OSError, ValueError) as error:
        sys.exit(f"{options.ours}: {error}")
    commands = [[options.ours, *common, "--exact"]]
    commands += [[program] for program in options.onednn]
    for python in options.python:
        commands.append([python, HERE / "pytorch.py", *common])
        if options.compile:
            commands.append([*commands[-1], "--compile"])
        commands += [[python, HERE / "runtimes.py", "--runtime", runtime, *common] for runtime in RUNTIMES]
    commands += [shlex.split(command) for command in options.side]
    others = []
    for command in commands:
        try:
            side = Side(command, options.threads, folder)
        except (Ended, OSError, json.JSONDecodeError) as error:
            what = f"{command[3]} in {command[0]}" if "--runtime" in command else command[0]
            print(f"missing: {what}: {error}: skipped", flush=True)
            continue
        if side.label in [other.label for other in others]:
            print(f"{command[0]}: {side.label} is there already: skipped", flush=True)
            side.close()
            continue
        others.append(side)
    return ours, others


class Comparison:
    """One work: who agrees, and how long they take."""

    def __init__(self, work, ours, others, folder):
        self.work, self.name, self.ours = work, work["name"], ours
        self.how, self.difference, self.problems = {}, {}, {}
        self.agree = []
        self.asked = 0
        self.compare(others, folder)

    def compare(self, others, folder):
        path = folder / "ours"
        answer, text = self.ours.check(self.name, path)
        if answer != "done":
            self.problems[self.ours] = text or answer
            return
        self.how[self.ours] = text
        results = agreement.read(path)
        for side in others:
            path = folder / "theirs"
            answer, text = side.check(self.name, path)
            if answer == "absent":
                continue
            self.asked += 1
            if answer != "done":
                self.problems[side] = text or answer
                continue
            self.how[side] = text
            self.difference[side], problem = agreement.compare(self.name, results, agreement.read(path))
            if problem:
                self.problems[side] = problem
            else:
                self.agree.append(side)

    def may_be_timed(self):
        """If all others disagree, who is right? Then ours is not timed either."""
        return self.ours not in self.problems and (self.agree or self.asked == 0)

    def time(self, passes):
        """Seconds of each repetition, by side; a side that fails meanwhile is left out."""
        sides = [self.ours, *self.agree]
        repetitions = {}
        seconds = {side: [] for side in sides}
        for turn in range(-1, passes):
            for side in sides if turn % 2 == 0 else reversed(sides):
                if side in self.problems:
                    continue
                try:
                    if turn < 0:
                        once = min(side.time(self.name, 2))  # (what is loaded or allocated at the first calls is not counted)
                        repetitions[side] = max(1, min(MOST_REPETITIONS, round(TURN / once)))
                    else:
                        seconds[side] += side.time(self.name, repetitions[side])
                except Ended as error:
                    self.problems[side] = str(error)
        return {side: times for side, times in seconds.items() if side not in self.problems}


def rows_of(comparison, seconds, context, options):
    def row(side, **more):
        values = dict.fromkeys(table.COLUMNS, "")
        values.update(context, work=comparison.name, side=side.about["name"], version=side.about["version"], how=comparison.how.get(side, ""),
                      flops=float(comparison.work["flops"]), bytes=float(comparison.work["bytes"]),
                      difference=comparison.difference.get(side, ""), **more)
        return values

    rows = []
    for side, times in seconds.items():
        rows.append(row(side, status="timed", passes=options.passes, repetitions=len(times), min_s=min(times),
                        median_s=statistics.median(times), gflops=comparison.work["flops"] / min(times) * 1e-9))
    for side in comparison.problems:
        rows.append(row(side, status="refused"))
    return rows


def say(rows):
    """A line a work: the least milliseconds of each side."""
    work = table.compared(rows)[0]
    ratio = work.times_faster()
    columns = "  ".join(f"{name} {1e3 * row['min_s']:.4g}" for name, row in work.timed.items())
    print(f"{work.name:38} ms: {columns}{'' if ratio is None else f'  best of others / ours {ratio:.2f}'}", flush=True)


def main():
    options = arguments()
    if options.passes < 1:
        sys.exit(f"expected at least one pass, found {options.passes}")
    options.out.mkdir(parents=True, exist_ok=True)
    table_path, page_path = options.out / "peers.csv", options.out / "peers.html"
    refused = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        ours, others = start(options, folder)
        works = [work for work in json.loads(ours.ask("list"))
                 if (options.deep or not work["deep"]) and any(text in work["name"] for text in options.filter.split(","))]
        if options.list:
            print("\n".join(work["name"] for work in works))
            return 0
        if not works:
            sys.exit(f"no work holds {options.filter} in its name (--list says which there are, --deep adds some)")
        context = {"threads": options.threads, "processor": processor(), "residua": version_of_ours(ours.about),
                   "fma_peak_gflops": ours.about["fma_peak"] * 1e-9, "ram_gb_s": ours.about["ram_bandwidth"] * 1e-9,
                   "date": datetime.date.today().isoformat(), "command": os.environ.get("PEERS_COMMAND", shlex.join(sys.argv))}
        print(f"{context['processor']}, {options.threads} thread{'s' if options.threads > 1 else ''}, FMA peak "
              f"{context['fma_peak_gflops']:.4g} GFLOP/s, memory {context['ram_gb_s']:.3g} GB/s\n"
              f"Residua {context['residua']}; beside {', '.join(side.label for side in others) or 'nobody'}", flush=True)

        names = {work["name"] for work in works}
        rows = [row for row in table.load(table_path) if row["work"] not in names] if options.append and table_path.exists() else []
        for work in works:
            comparison = Comparison(work, ours, others, folder)
            seconds = comparison.time(options.passes) if comparison.may_be_timed() else {}
            for side, problem in comparison.problems.items():
                print(f"refused: {work['name']}: {side.label}: {problem}", flush=True)
            refused += len(comparison.problems)
            found = rows_of(comparison, seconds, context, options)
            rows += found
            if found:
                say(found)
            table.save(rows, table_path)
            if ours.ended:
                sys.exit(f"ours has ended at {work['name']}")
        for side in (ours, *others):
            side.close()
    page_path.write_text(page.page(rows), encoding="utf-8")
    if options.picture:
        options.picture.write_text(picture.picture(rows), encoding="utf-8")
    print(f"{table_path}\n{page_path}" + (f"\nrefused: {refused}, named above" if refused else ""))
    return 1 if refused else 0


sys.exit(main())
