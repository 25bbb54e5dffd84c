"""Residua's full pre-activation networks in PyTorch, under the names of its weight files.

    python3 preact.py WEIGHTS         what is in the file, and that it loads

cifar::PreActResNet<20> is PreActResNet(20), with Shape{1, 28, 28} PreActResNet(20, channels=1); 164 and 1001 layers have
bottlenecks, as there. Needs PyTorch (1.13 and 2.15 were tried); files are read and written here in a few lines, and as well by
safetensors.torch's load_file and save_file.
"""

import json
import re
import sys

import numpy
import torch
from torch import nn
from torch.nn.functional import pad, relu


def option_a(x, stride, more_channels):
    """Every other pixel, and zeros for the new channels."""
    return pad(x[:, :, ::stride, ::stride], (0, 0, 0, 0, 0, more_channels))


class Unit(nn.Module):
    """y = h(x) + F(x), with BN and ReLU before each weight layer (He et al. 2016, figure 4 e)."""

    def __init__(self, inputs, filters, stride, bottleneck, first):
        super().__init__()
        outputs = 4 * filters if bottleneck else filters
        windows = (1, 3, 1) if bottleneck else (3, 3)
        widths = (inputs, filters, filters, outputs) if bottleneck else (inputs, filters, outputs)
        strides = (1, stride, 1) if bottleneck else (stride, 1)
        for i, window in enumerate(windows):
            setattr(self, f"bn{i + 1}", nn.BatchNorm2d(widths[i]))
            setattr(self, f"conv{i + 1}", nn.Conv2d(widths[i], widths[i + 1], window, strides[i], window // 2, bias=False))
        self.layers = len(windows)
        self.stride, self.more_channels = stride, outputs - inputs
        self.shortcut = None
        if bottleneck and (stride != 1 or inputs != outputs):
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False))  # option B
        self.reads_activated = first or self.shortcut is not None  # what the shortcut starts from (the paper's appendix)

    def forward(self, x):
        y = relu(self.bn1(x))
        h = y if self.reads_activated else x
        for i in range(self.layers):
            if i > 0:
                y = relu(getattr(self, f"bn{i + 1}")(y))
            y = getattr(self, f"conv{i + 1}")(y)
        if self.shortcut is not None:
            return self.shortcut(h) + y
        return option_a(h, self.stride, self.more_channels) + y


class PreActResNet(nn.Module):
    def __init__(self, depth, classes=10, channels=3):
        super().__init__()
        bottleneck = depth in (164, 1001)
        units = (depth - 2) // (9 if bottleneck else 6)
        self.conv1 = nn.Conv2d(channels, 16, 3, padding=1, bias=False)
        width = 16
        for stage, filters in enumerate((16, 32, 64)):
            layer = []
            for i in range(units):
                stride = 2 if stage > 0 and i == 0 else 1
                layer.append(Unit(width, filters, stride, bottleneck, first=stage == 0 and i == 0))
                width = 4 * filters if bottleneck else filters
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layer))
        self.bn1 = nn.BatchNorm2d(width)
        self.fc = nn.Linear(width, classes)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(self.conv1(x))))
        return self.fc(relu(self.bn1(x)).mean(dim=(2, 3)))


def read(path):
    """A weight file: ({name: tensor}, {name: text})."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        values = file.read()
    metadata = header.pop("__metadata__", {})
    types = {"F32": numpy.float32, "F64": numpy.float64, "I64": numpy.int64}
    tensors = {}
    for name, info in header.items():
        begin, end = info["data_offsets"]
        array = numpy.frombuffer(values[begin:end], types[info["dtype"]]).reshape(info["shape"])
        tensors[name] = torch.from_numpy(array.copy())
    return tensors, metadata


def write(path, tensors):
    """The reverse, of float tensors: what Residua's io::load reads."""
    header, values = {"__metadata__": {"format": "pt"}}, b""
    for name, tensor in tensors.items():
        if name.endswith("num_batches_tracked"):
            continue
        more = tensor.detach().contiguous().numpy().astype(numpy.float32).tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(values), len(values) + len(more)]}
        values += more
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + values)


def load(network, tensors):
    """Every tensor in its place, and none left over. (PyTorch's BN also counts batches, which changes nothing here.)"""
    missing, unknown = network.load_state_dict(tensors, strict=False)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unknown:
        raise ValueError(f"expected the network's tensors, found none for {missing} and others: {unknown}")
    return network


def network_in(path, family, network):
    """The network of a file whose metadata says which it is: "network: preact20", as train writes it."""
    tensors, metadata = read(path)
    name = re.fullmatch(family + r"(\d+)", metadata.get("network", ""))
    if not name:
        found = f"'{metadata['network']}'" if "network" in metadata else "none, as io::save writes it where nothing is given"
        raise ValueError(f"{path}: expected metadata 'network' of '{family}N', found {found} (load(MODULE, read(path)[0]) needs none)")
    classes, channels = len(tensors["fc.bias"]), tensors["conv1.weight"].shape[1]
    return load(network(int(name[1]), classes, channels), tensors).eval(), metadata


def network_of(path):
    """The network that the program train wrote, ready to classify, and what the file says of it."""
    return network_in(path, "preact", PreActResNet)


def inputs_of(pixels, metadata):
    """Images of 0 to 255, [n][channels][height][width], as the network was trained on them."""
    mean, scale = (torch.tensor([float(x) for x in metadata[f"input {what}"].split()]) for what in ("mean", "scale"))
    one_a_channel = len(mean) == pixels.shape[1]
    mean = mean.reshape(-1, 1, 1) if one_a_channel else mean.reshape(pixels.shape[1:])
    return (pixels / 255 - mean) * scale.reshape(-1, 1, 1)


if __name__ == "__main__":
    model, said = network_of(sys.argv[1])
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters")
    for key, value in said.items():
        print(f"{key}: {value}")
