"""PyTorch's side of the comparison: layers and networks. serve.hpp says what it answers.

    pytorch.py --threads N --folder FOLDER [--compile]

--compile: networks alone, through torch.compile. What PyTorch leaves to its user (the memory format; traced and frozen, or not) is tried before
anything is timed, and the fastest is kept."""
import argparse
import copy
import pathlib
import sys
import warnings

import torch
import torch.nn.functional as F

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[2] / "examples" / "pytorch")]
from preact import PreActResNet, load, read, write  # noqa: E402
from resnet import ResNet as CifarResNet  # noqa: E402
from answers import Absent, seconds_of, serve  # noqa: E402
from imagenet_resnet import ResNet  # noqa: E402

warnings.filterwarnings("ignore", category=FutureWarning)  # (tracing is old; for inference it is the faster of the two)

IMAGES, WEIGHTS, GRADIENTS = 1, 2, 3  # sequences of numbers
RATE = 0.01
FORMATS = {"channels_last": torch.channels_last, "contiguous": torch.contiguous_format}


def numbers(sequence, shape):
    """What number() of work.hpp gives, with the same bits."""
    low = 0xFFFFFFFF
    h = (torch.arange(torch.Size(shape).numel()) + sequence * 0x9E3779B9) & low
    h = ((h ^ (h >> 16)) * 0x7FEB352D) & low
    h = ((h ^ (h >> 15)) * 0x846CA68B) & low
    h = h ^ (h >> 16)
    return ((h >> 8).float() * 2.0**-23 - 1).reshape(shape)


def fastest(ways):
    """The name of the fastest, of {name: a function that makes it}."""
    return min(ways, key=lambda name: seconds_of(ways[name]().run))


class Layer:
    def __init__(self, sizes, batch, which, memory):
        channels, extent, filters, window, self.stride = sizes
        self.padding = window // 2
        out = (extent + 2 * self.padding - window) // self.stride + 1
        as_asked = dict(memory_format=FORMATS[memory])
        self.x = numbers(IMAGES, (batch, channels, extent, extent)).to(**as_asked)
        self.w = numbers(WEIGHTS, (filters, channels, window, window)).to(**as_asked)
        self.which, self.how = which, memory
        if which != "forward":
            self.dy = numbers(GRADIENTS, (batch, filters, out, out)).to(**as_asked)
            self.mask = [which != "weight_gradient", which != "data_gradient", False]

    def run(self):
        with torch.inference_mode():
            if self.which == "forward":
                self.result = F.conv2d(self.x, self.w, None, self.stride, self.padding)
            else:
                self.result = torch.ops.aten.convolution_backward(
                    self.dy, self.x, self.w, None, [self.stride] * 2, [self.padding] * 2, [1, 1], False, [0, 0], 1, self.mask)

    def results(self):
        if self.which == "forward":
            return {"y": self.result}
        return {name: tensor for name, tensor in zip(("dx", "dw"), self.result) if tensor is not None}


class Training:
    def __init__(self, network, x, memory, compiled):
        self.network = network.train().to(memory_format=FORMATS[memory])
        self.x = x.to(memory_format=FORMATS[memory])
        self.call = torch.compile(self.network) if compiled else self.network
        self.labels = torch.arange(len(x)) % 10
        self.optimizer = torch.optim.SGD(self.network.parameters(), lr=RATE, momentum=0.9, weight_decay=1e-4)
        self.how = memory + (", compiled" if compiled else "")

    def run(self):
        self.optimizer.zero_grad(set_to_none=True)
        self.loss = F.cross_entropy(self.call(self.x), self.labels)
        self.loss.backward()
        self.optimizer.step()

    def results(self):
        momentum = {f"momentum.{name}": self.optimizer.state[p]["momentum_buffer"] for name, p in self.network.named_parameters()}
        return {"loss": self.loss.reshape(1), **self.network.state_dict(), **momentum}


class Inference:
    def __init__(self, network, x, how):
        self.x, self.how = x.to(memory_format=torch.channels_last), how
        self.call = network.eval().to(memory_format=torch.channels_last)
        with torch.inference_mode():
            if how == "compiled":
                self.call = torch.compile(self.call)
            elif how == "frozen":
                self.call = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(self.call, self.x)))

    def run(self):
        with torch.inference_mode():
            self.result = self.call(self.x)

    def results(self):
        return {"logits": self.result}


def network_of(name, folder):
    """The network with our weights, and the shape of its images."""
    if name.startswith("preact"):
        network, shape = PreActResNet(int(name[len("preact"):])), (3, 32, 32)
    elif name.startswith("original"):
        network, shape = CifarResNet(int(name[len("original"):])), (3, 32, 32)
    elif name.startswith("resnet"):
        network, shape = ResNet(int(name[len("resnet"):])), (3, 224, 224)
    else:
        raise Absent("no such network")
    tensors, _ = read(folder / f"{name}.safetensors")
    return load(network, tensors), shape


def make(work, options):
    subject, batch, which = work.split("/")
    batch = int(batch)
    kind, *sizes = subject.split("-")
    if kind == "conv":
        if options.compile:
            raise Absent("networks alone")
        sizes = [int(size) for size in sizes]
        ways = {memory: lambda memory=memory: Layer(sizes, batch, which, memory) for memory in FORMATS}
    else:
        network, shape = network_of(subject, options.folder)
        x = numbers(IMAGES, (batch, *shape))
        if which == "train":
            ways = {memory: lambda memory=memory: Training(copy.deepcopy(network), x, memory, options.compile) for memory in FORMATS}
        else:
            names = ["compiled"] if options.compile else ["frozen", "eager"]
            ways = {name: lambda name=name: Inference(copy.deepcopy(network), x, name) for name in names}
    return ways[fastest(ways)]()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--compile", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    about = {"name": "PyTorch, compiled" if options.compile else "PyTorch", "version": torch.__version__}
    serve(lambda: about, lambda work: make(work, options), lambda path, work: write(path, work.results()))


if __name__ == "__main__":
    main()
