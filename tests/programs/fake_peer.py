#!/usr/bin/env python3
"""A side for bench/peers that computes nothing: it answers as bench/peers/serve.hpp says.

    fake_peer.py [--name NAME] [--seconds S] [--wrong WORK=BY]... [--fails WORK] [--ends WORK]

--wrong: the results of this work are so far from the others'; BY may be nan. (--threads, --folder and --exact, which ours is given,
are taken.)"""
import argparse
import array
import json
import sys

WORKS = [{"name": "conv-16-32-16-3-1/128/forward", "flops": 603979776, "bytes": 16786432, "deep": False},
         {"name": "conv-16-32-16-3-1/128/gradients", "flops": 1207959552, "bytes": 25184256, "deep": False},
         {"name": "preact20/128/train", "flops": 31000000000, "bytes": 0, "deep": False},
         {"name": "preact110/128/train", "flops": 190000000000, "bytes": 0, "deep": True}]

parser = argparse.ArgumentParser()
parser.add_argument("--name", default="Residua")
parser.add_argument("--seconds", type=float, default=0.1)
parser.add_argument("--wrong", action="append", default=[])
parser.add_argument("--fails", default="")
parser.add_argument("--ends", default="")
parser.add_argument("--exact", action="store_true")
parser.add_argument("--threads")
parser.add_argument("--folder")
options = parser.parse_args()
wrong = dict(word.split("=") for word in options.wrong)


def check(work, path):
    if options.exact and not work.startswith("conv"):
        return "absent as by default"
    if work == options.fails:
        return "failed on purpose"
    values = array.array("f", [1.0, -2.0, 0.5])
    values[2] += 2 * float(wrong.get(work, 0))  # (of the largest value)
    header = json.dumps({"y": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}}).encode()
    with open(path, "wb") as file:
        file.write(len(header).to_bytes(8, "little") + header + values.tobytes())
    return "done by magic"


for line in sys.stdin:
    command, *words = line.split()
    if words and words[0] == options.ends:
        sys.exit(3)
    if command == "about":
        about = {"name": options.name + (", Exact" if options.exact else ""), "version": "1.2.3"}
        if not options.exact:
            about.update(fma_peak=1e11, ram_bandwidth=2e10)
        print(json.dumps(about), flush=True)
    elif command == "list":
        print(json.dumps(WORKS), flush=True)
    elif command == "check":
        print(check(*words), flush=True)
    elif command == "time":
        print(" ".join([str(options.seconds * (2 + i % 3) / 2) for i in range(int(words[1]))]), flush=True)
