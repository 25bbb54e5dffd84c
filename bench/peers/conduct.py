"""How runtimes behave beside how fast they are: what a call allocates, whether bits depend on threads and processor, and how far
logits are from those of PyTorch in double.

    conduct.py [--runtime NAME]... [--subject preact20|resnet18]...      a line for each: JSON

One image, random weights; runtimes as runtimes.py makes them, and PyTorch's network traced and frozen.
  allocations   calls of malloc and its kin by a call that is not the first, on one thread, but those by Python and by numpy
  threads       whether 1, 2 and 3 of them give the same bits
  avx2          whether a processor without AVX-512 does: qemu-x86_64 -cpu Haswell (null without it; resnet18 takes minutes)
  error         largest difference by the largest logit, told to take float32; by_default: told nothing
Needs Linux with glibc, a C compiler, and of PyPI what runtimes.py needs."""
import argparse
import ctypes
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "examples" / "pytorch"), str(HERE)]
import runtimes  # noqa: E402

SHAPES = {"preact20": (3, 32, 32), "resnet18": (3, 224, 224)}

# Stands in front of the C library's own functions (LD_PRELOAD).
COUNTER = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);

static int counting;
static long calls;

static void count(void* caller) {
    if (!counting) return;
    counting = 0;
    Dl_info info;
    const int is_known = dladdr(caller, &info) && info.dli_fname;
    calls += !(is_known && (strstr(info.dli_fname, "libpython") || strstr(info.dli_fname, "bin/python") || strstr(info.dli_fname, "numpy")));
    counting = 1;
}

void* malloc(size_t size) { count(__builtin_return_address(0)); return __libc_malloc(size); }
void* calloc(size_t n, size_t size) { count(__builtin_return_address(0)); return __libc_calloc(n, size); }
void* realloc(void* memory, size_t size) { count(__builtin_return_address(0)); return __libc_realloc(memory, size); }
void* memalign(size_t alignment, size_t size) { count(__builtin_return_address(0)); return __libc_memalign(alignment, size); }
void* aligned_alloc(size_t alignment, size_t size) { count(__builtin_return_address(0)); return __libc_memalign(alignment, size); }
int posix_memalign(void** memory, size_t alignment, size_t size) {
    count(__builtin_return_address(0));
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : 12;
}
void begin_counting(void) { calls = 0; counting = 1; }
long end_counting(void) { counting = 0; return calls; }
"""


class PyTorch:
    ways = ("traced",)
    exact = {}

    @staticmethod
    def convert(network, x, folder):
        import torch

        torch.jit.freeze(torch.jit.trace(network, x)).save(str(folder / "network.ts"))

    def __init__(self, folder, x, threads, way):
        import torch

        torch.set_num_threads(threads)
        self.torch, self.images, self.network = torch, torch.from_numpy(x), torch.jit.load(str(folder / "network.ts"))

    def compute(self):
        with self.torch.inference_mode():
            self.output = self.network(self.images)

    def run(self):
        self.compute()
        self.result = self.output.numpy()


RUNTIMES = {**runtimes.RUNTIMES, "pytorch": PyTorch}


def prepare(subject, runtime, folder):
    """The network as the runtime takes it, an image, and its logits in double."""
    import torch
    from imagenet_resnet import ResNet
    from preact import PreActResNet

    torch.manual_seed(1)
    network = PreActResNet(20) if subject == "preact20" else ResNet(18)
    with torch.no_grad():
        for _ in range(3):  # (statistics that are not those to start from)
            network(torch.randn(8, *SHAPES[subject]))
        network.eval()
        x = torch.randn(1, *SHAPES[subject])
        numpy.save(folder / "images.npy", x.numpy())
        numpy.save(folder / "logits.npy", network.double()(x.double()).numpy())
        RUNTIMES[runtime].convert(network.float(), x, folder)


def infer(runtime, threads, by_default, folder, out):
    """In a process of its own: logits to a file, and how often a call allocated to standard output (where there is the counter)."""
    kind = RUNTIMES[runtime]
    if by_default:
        kind.exact = {}
    network = kind(folder, numpy.load(folder / "images.npy"), threads, kind.ways[0])
    for _ in range(3):
        network.compute()
    library = ctypes.CDLL(None)
    if hasattr(library, "begin_counting"):
        library.end_counting.restype = ctypes.c_long
        begin, end = library.begin_counting, library.end_counting
        begin()
        network.compute()
        print(end(), flush=True)
    network.run()
    numpy.save(out, network.result)
    os._exit(0)  # (not all of them end well)


def conduct_of(subject, runtime, folder):
    counter = folder / "counter.so"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-x", "c", "-", "-o", counter, "-ldl"], input=COUNTER, text=True, check=True)
    child = [sys.executable, __file__, "--runtime", runtime, "--folder", folder]
    subprocess.run([*child, "--prepare", subject], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    expected = numpy.load(folder / "logits.npy")

    def run(*options, under=(), counted=False):
        out = folder / "found.npy"
        environment = {**os.environ, **({"LD_PRELOAD": str(counter)} if counted else {})}
        done = subprocess.run([*under, *child, "--out", out, *options], check=True, capture_output=True, text=True, env=environment)
        return numpy.load(out), done.stdout.split()[-1:]

    def error(found):
        return float(f"{abs(found - expected).max() / abs(expected).max():.1e}")

    def same(one, other):
        return one.tobytes() == other.tobytes()

    on_one, allocations = run(counted=True)
    qemu = shutil.which("qemu-x86_64")
    return {"subject": subject, "runtime": runtime, "allocations": int(allocations[0]),
            "threads": all(same(on_one, run("--threads", threads)[0]) for threads in ("2", "3")),
            "avx2": same(on_one, run(under=[qemu, "-cpu", "Haswell"])[0]) if qemu else None,
            "error": error(on_one), "by_default": error(run("--by-default")[0])}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runtime", choices=RUNTIMES, action="append")
    parser.add_argument("--subject", choices=SHAPES, action="append")
    for ours in ("--folder", "--out"):
        parser.add_argument(ours, type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--prepare", help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--by-default", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.prepare:
        prepare(options.prepare, options.runtime[0], options.folder)
    elif options.out:
        infer(options.runtime[0], options.threads, options.by_default, options.folder, options.out)
    else:
        for subject in options.subject or SHAPES:
            for runtime in options.runtime or RUNTIMES:
                with tempfile.TemporaryDirectory() as folder:
                    print(json.dumps(conduct_of(subject, runtime, pathlib.Path(folder))), flush=True)


if __name__ == "__main__":
    main()
