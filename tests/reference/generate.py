#!/usr/bin/env python3
"""Writes reference cases: small networks, and what PyTorch computes for them in float64. README.md says what is in a case.

    generate.py FOLDER                 all cases of this repository (SET below)
    generate.py FOLDER NAME...         some of them
    generate.py FOLDER --spec JSON     another one: a JSON object with what differs from DEFAULTS

Needs PyTorch, 1.13 or newer, and nothing else.
"""
import argparse
import array
import json
import os
import pathlib
import struct
import sys

import torch
import torch.nn.functional as F

torch.set_num_threads(1)  # (networks this small are slower on more)

NAMES = json.loads((pathlib.Path(__file__).resolve().parents[2] / "cmake" / "names.json").read_text())

# Layers of an ordering: before the first weight layer, between, after the last, after the addition. (B)N, (R)eLU.
ORDERINGS = {
    "original": ("", "BR", "B", "R"),
    "bn_after_add": ("", "BR", "", "BR"),
    "relu_before_add": ("", "BR", "BR", ""),
    "relu_only_preact": ("R", "BR", "B", ""),
    "full_preact": ("BR", "BR", "", ""),
    "original_no_bn": ("", "R", "", "R"),
    "preact_no_bn": ("R", "R", "", ""),
}

DEFAULTS = dict(unit="basic", order="original", shortcut="identity", downsample="A", stride_in="3x3", groups=1, width=2,
                stages=[2, 5], size=[7, 9], channels=2, classes=5, batch=4, adamw=False)

SET = (
    # Every ordering; every unit. (AdamW's steps where they are worth what they take to compile: it knows nothing of units.)
    [dict(name=order, order=order, adamw=order == "full_preact") for order in ORDERINGS]
    + [dict(name=f"single_{order}", unit="single", order=order) for order in ("original", "full_preact")]
    + [dict(name=f"bottleneck_{order}", unit="bottleneck", order=order, stages=[8, 16], downsample="B")
       for order in ("original", "full_preact")]
    + [dict(name="bottleneck_first1x1", unit="bottleneck", order="relu_only_preact", stages=[8, 16], downsample="B", stride_in="1x1"),
       dict(name="grouped_original", unit="grouped_bottleneck", groups=2, stages=[8, 16], downsample="B"),
       dict(name="grouped_full_preact", unit="grouped_bottleneck", groups=2, order="full_preact", stages=[8, 16])]
    # What happens where the dimension changes; more than one unit a stage.
    + [dict(name="A2", downsample="A2"),
       dict(name="A2_relu_only_preact", order="relu_only_preact", downsample="A2"),
       dict(name="B", downsample="B", adamw=True),
       dict(name="B_full_preact", order="full_preact", downsample="B"),
       dict(name="B_bn_after_add", order="bn_after_add", downsample="B"),
       dict(name="B_original_no_bn", order="original_no_bn", downsample="B"),
       dict(name="two_units_full_preact", order="full_preact", units=2, stages=[2, 4])]
    # Channels enough for Winograd's convolutions.
    + [dict(name="single_winograd", unit="single", order="full_preact", width=16, stages=[16], channels=1, classes=2)]
    # Every shortcut.
    + [dict(name="scale", shortcut="scale:0.5:1"),
       dict(name="scale_B_full_preact", order="full_preact", shortcut="scale:0.7:0.5", downsample="B"),
       dict(name="exclusive_gate", shortcut="exclusive_gate:-1"),
       dict(name="exclusive_gate_B_full_preact", order="full_preact", shortcut="exclusive_gate:0.5", downsample="B"),
       dict(name="shortcut_gate", shortcut="shortcut_gate:-1"),
       dict(name="shortcut_gate_A2_relu_before_add", order="relu_before_add", shortcut="shortcut_gate:0", downsample="A2"),
       dict(name="conv1x1", shortcut="conv1x1"),
       dict(name="conv1x1_full_preact", order="full_preact", shortcut="conv1x1"),
       dict(name="conv1x1_identity", shortcut="conv1x1_identity"),
       dict(name="rezero_preact_no_bn", order="preact_no_bn", shortcut="rezero"),
       dict(name="rezero_B", shortcut="rezero", downsample="B", adamw=True),
       dict(name="squeeze_excite", shortcut="squeeze_excite:2", stages=[4, 9]),
       dict(name="squeeze_excite_B_full_preact", order="full_preact", shortcut="squeeze_excite:16", downsample="B"),
       dict(name="stochastic_depth", shortcut="stochastic_depth:0.4", units=2, stages=[2, 4]),
       dict(name="highway", order="relu_before_add", shortcut="highway:-1"),
       dict(name="highway_B_relu_only_preact", order="relu_only_preact", shortcut="highway:0.5", downsample="B"),
       dict(name="dropout", shortcut="dropout:0.4"),
       dict(name="inverted_dropout_B_full_preact", order="full_preact", shortcut="inverted_dropout:0.4", downsample="B")]
)

# Bounds of what float can be compared with (see README.md).
LEAST_MARGIN = 1e-4
MOST_SENSITIVE = 2e-5


class Network:
    """A network as one function of its input. Its tensors are in `tensors`, by PyTorch's usual names; whoever asks first for one
    that is not there draws it, so that nothing says their shapes twice."""

    def __init__(self, spec):
        self.spec = spec
        self.tensors = {}
        self.training = False
        self.units_begun = 0
        self.margins = []  # of each ReLU in training: smallest |input|, by the root mean square of all
        self.draws = torch.Generator().manual_seed(spec["seed"])

    def normal(self, *shape):
        return torch.randn(shape, generator=self.draws, dtype=torch.float64)

    def tensor(self, name, draw):
        if name not in self.tensors:
            # (As float has it: so float and double start from the same numbers.)
            self.tensors[name] = draw().float().double()
        return self.tensors[name]

    def parameters(self):
        return {name: value for name, value in self.tensors.items() if "running" not in name}

    def conv(self, name, x, filters, kernel, stride=1, bias=None, groups=1, draw=None):
        shape = (filters, x.shape[1] // groups, kernel, kernel)
        drawn = lambda: self.normal(*shape) * (2 / (shape[1] * kernel * kernel)) ** 0.5
        weight = self.tensor(f"{name}.weight", draw or drawn)
        offset = None if bias is None else self.tensor(f"{name}.bias", lambda: bias + 0.1 * self.normal(filters))
        return F.conv2d(x, weight, offset, stride, kernel // 2, groups=groups)

    def linear(self, name, x, outputs):
        weight = self.tensor(f"{name}.weight", lambda: self.normal(outputs, x.shape[1]) * x.shape[1] ** -0.5)
        bias = self.tensor(f"{name}.bias", lambda: 0.1 * self.normal(outputs))
        return F.linear(x, weight, bias)

    def bn(self, name, x, bias=0.0):
        count = x.shape[1]
        weight = self.tensor(f"{name}.weight", lambda: 1 + 0.2 * self.normal(count))
        offset = self.tensor(f"{name}.bias", lambda: bias + 0.2 * self.normal(count))
        mean = self.tensor(f"{name}.running_mean", lambda: 0.3 * self.normal(count))
        variance = self.tensor(f"{name}.running_var", lambda: 0.5 + self.normal(count).abs())
        return F.batch_norm(x, mean, variance, weight, offset, self.training, momentum=0.1, eps=1e-5)

    def relu(self, x):
        if self.training:
            self.margins.append((x.abs().min() / x.square().mean().sqrt()).item())
        return F.relu(x)

    def activate(self, layers, x, bn_name):
        for layer in layers:
            x = self.bn(bn_name(), x) if layer == "B" else self.relu(x)
        return x

    def resize(self, name, x, filters, stride):
        """The shortcut of the spec's option, A, A2 or B."""
        if stride == 1 and x.shape[1] == filters:
            return x
        if self.spec["downsample"] == "B":
            x = self.conv(f"{name}.downsample.conv", x, filters, 1, stride)
            order = ORDERINGS[self.spec["order"]]
            return x if order[0] or "B" not in "".join(order) else self.bn(f"{name}.downsample.bn", x)
        zeros = filters - x.shape[1]
        in_front = zeros // 2 if self.spec["downsample"] == "A2" else 0
        return F.pad(x[:, :, ::stride, ::stride], (0, 0, 0, 0, in_front, zeros - in_front))

    def joined(self, name, x, branch, filters, stride):
        """The sum of the shortcut of x and of F(x), under the spec's shortcut."""
        kind, *arguments = self.spec["shortcut"].split(":")
        arguments = [float(argument) for argument in arguments]
        if kind in ("conv1x1", "conv1x1_identity"):
            identity = lambda: torch.eye(filters, x.shape[1], dtype=torch.float64)[:, :, None, None]
            draw = identity if kind == "conv1x1_identity" else None
            return self.bn(f"{name}.shortcut.bn", self.conv(f"{name}.shortcut.conv", x, filters, 1, stride, draw=draw)) + branch
        h = self.resize(name, x, filters, stride)
        if kind == "identity":
            return h + branch
        if kind == "scale":
            return arguments[0] * h + arguments[1] * branch
        if kind in ("dropout", "inverted_dropout"):
            # In evaluation alone: in training no other library draws PyTorch's masks.
            return (1 - arguments[0]) * h + branch if kind == "dropout" else h + branch
        if kind == "rezero":
            # (From zero, as networks start, F would have no gradient.)
            return h + self.tensor(f"{name}.learned_scale1.factor", lambda: 0.5 + 0.1 * self.normal(1)) * branch
        if kind == "squeeze_excite":
            gates = self.relu(self.linear(f"{name}.se1.fc", branch.mean((2, 3)), max(1, filters // int(arguments[0]))))
            return h + torch.sigmoid(self.linear(f"{name}.se1.fc2", gates, filters))[:, :, None, None] * branch
        if kind == "stochastic_depth":
            # (In evaluation alone, as dropout.)
            units = self.spec["units"] * len(self.spec["stages"])
            return h + (1 - self.units_begun / units * (1 - arguments[0])) * branch
        if kind == "highway":
            gate = self.conv(f"{name}.gate.conv1", x, filters, 3, stride)
            gate = self.conv(f"{name}.gate.conv2", self.relu(self.bn(f"{name}.gate.bn1", gate)), filters, 3)
            gate = torch.sigmoid(self.bn(f"{name}.gate.bn2", gate, bias=arguments[0]))
        else:
            gate = torch.sigmoid(self.conv(f"{name}.gate", x, filters, 1, stride, bias=arguments[0]))
        return (1 - gate) * h + (branch if kind == "shortcut_gate" else gate * branch)

    def unit(self, name, x, filters, stride, first):
        self.units_begun += 1
        spec = self.spec
        before, between, after, after_addition = ORDERINGS[spec["order"]]
        quarter = filters // 4
        early, late = (stride, 1) if spec["stride_in"] == "1x1" else (1, stride)
        layers = {  # filters, kernel, stride, groups
            "basic": [(filters, 3, stride, 1), (filters, 3, 1, 1)],
            "single": [(filters, 3, stride, 1)],
            "bottleneck": [(quarter, 1, early, 1), (quarter, 3, late, 1), (filters, 1, 1, 1)],
            "grouped_bottleneck": [(quarter, 1, 1, 1), (quarter, 3, stride, spec["groups"]), (filters, 1, 1, 1)],
        }[spec["unit"]]
        bn_names = iter([f"{name}.bn{i}" for i in range(1, len(layers) + 1)])
        bn_name = lambda: next(bn_names)

        projects = spec["downsample"] == "B" and (stride != 1 or x.shape[1] != filters)
        branch = self.activate(before, x, bn_name)
        if before and (first or projects):
            x = branch
        for i, (width, kernel, by, groups) in enumerate(layers, 1):
            if i > 1:
                branch = self.activate(between, branch, bn_name)
            branch = self.conv(f"{name}.conv{i}", branch, width, kernel, by, groups=groups)
        branch = self.activate(after, branch, bn_name)
        return self.activate(after_addition, self.joined(name, x, branch, filters, stride), bn_name)

    def __call__(self, x):
        self.units_begun = 0
        spec = self.spec
        before, _, after, after_addition = ORDERINGS[spec["order"]]
        x = self.conv("conv1", x, spec["width"], 3)
        x = self.activate(after + after_addition, x, lambda: "bn1")
        for s, filters in enumerate(spec["stages"]):
            for u in range(spec["units"]):
                x = self.unit(f"layer{s + 1}.{u}", x, filters, 2 if s > 0 and u == 0 else 1, s == 0 and u == 0)
        x = self.activate(before, x, lambda: "bn_last").mean((2, 3))
        return self.linear("fc", x, spec["classes"])


def values_of(net, start, images, labels):
    """Everything PyTorch computes of a case, from the tensors `start`."""

    def begin(training):
        net.tensors = {name: value.clone() for name, value in start.items()}
        net.training = training
        for parameter in net.parameters().values():
            parameter.requires_grad_(training)

    begin(training=False)
    values = {"eval.logits": net(images)}
    if not net.spec["training"]:
        return values

    begin(training=True)
    x = images.clone().requires_grad_()
    logits = net(x)
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    values |= {"train.logits": logits, "train.loss": loss.reshape(1), "grad.input": x.grad}
    values |= {f"grad.{name}": parameter.grad for name, parameter in net.parameters().items()}
    values |= {f"after.{name}": value for name, value in net.tensors.items() if "running" in name}

    descents = {"sgd": lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9, weight_decay=1e-4),
                "nesterov": lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9, weight_decay=1e-4, nesterov=True)}
    if net.spec["adamw"]:
        # (With the usual eps of 1e-8, a gradient that is zero but for rounding moves its parameter as far as any other: eps is above
        # what float leaves of it.)
        descents["adamw"] = lambda parameters: torch.optim.AdamW(parameters, lr=0.01, betas=(0.9, 0.99), eps=1e-3, weight_decay=0.1)
    for name, descent in descents.items():
        begin(training=True)
        optimizer = descent(net.parameters().values())
        for _ in range(3):
            optimizer.zero_grad()
            F.cross_entropy(net(images), labels).backward()
            optimizer.step()
        values |= {f"{name}.{parameter}": value for parameter, value in net.parameters().items()}
    return {name: value.detach().clone() for name, value in values.items()}


def apart(a, b):
    """Largest max|a-b| / max|b| of a tensor, as compare.cpp takes it."""
    gradients = max((b[name].abs().max().item() for name in b if name.startswith("grad.")), default=0)
    largest = 0
    for name in b:
        size = b[name].abs().max().item()
        if name.startswith("grad.") and size <= 1e-13 * gradients:
            size = gradients
        largest = max(largest, (a[name] - b[name]).abs().max().item() / size)
    return largest


def sensitivity_of(net, start, images, labels, values):
    """How far the values go where each parameter goes by at most 6e-8 of itself, which is how well float holds it."""
    largest = 0
    for seed in range(5):
        draws = torch.Generator().manual_seed(seed)
        moved = {name: value * (1 + 6e-8 * (2 * torch.rand(value.shape, generator=draws, dtype=torch.float64) - 1))
                 for name, value in start.items()}
        largest = max(largest, apart(values_of(net, moved, images, labels), values))
    return largest


def complete(given):
    """A spec with all its fields. Errors: names that names.json does not have, fields that nobody reads."""
    spec = DEFAULTS | dict(units=1) | given
    for field, table in (("order", "orderings"), ("unit", "units"), ("downsample", "resizes")):
        if spec[field] not in NAMES[table]:
            sys.exit(f"{spec['name']}: expected one of the {table} {', '.join(NAMES[table])}, found '{spec[field]}'")
    kind = spec["shortcut"].split(":")[0]
    if kind not in NAMES["shortcuts"]:
        sys.exit(f"{spec['name']}: expected one of the shortcuts {', '.join(NAMES['shortcuts'])}, found '{kind}'")
    unread = set(spec) - set(DEFAULTS) - {"name", "units", "seed"}
    if unread:
        sys.exit(f"{spec['name']}: expected fields of {', '.join(DEFAULTS)}, found {', '.join(sorted(unread))}")
    layers = NAMES["units"][spec["unit"]]["layers"]
    return spec | dict(depth=2 + layers * spec["units"] * len(spec["stages"]), training="dropout" not in kind and kind != "stochastic_depth")


def write(path, tensors):
    """A safetensors file. What float holds exactly is stored as float."""
    kinds = {torch.float32: ("F32", "f"), torch.float64: ("F64", "d"), torch.int64: ("I64", "q")}
    header, data = {}, b""
    for name, tensor in sorted(tensors.items()):
        kind, code = kinds[tensor.dtype]
        values = array.array(code, tensor.flatten().tolist()).tobytes()
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def case_of(spec):
    """The tensors of a case, its margin and its sensitivity."""
    net = Network(spec)
    images = net.normal(spec["batch"], spec["channels"], *spec["size"]).float().double()
    labels = torch.randint(spec["classes"], (spec["batch"],), generator=net.draws)
    net(images)
    start = net.tensors
    values = values_of(net, start, images, labels)
    margin = min(net.margins, default=1.0)
    tensors = {"input": images.float(), "labels": labels}
    tensors |= {f"param.{name}": value.float() for name, value in start.items()}
    sensitivity = sensitivity_of(net, start, images, labels, values)
    return tensors | values, margin, sensitivity


def generate(given, folder):
    spec = complete(given)
    for seed in [spec["seed"]] if "seed" in spec else range(1, 1001):
        tensors, margin, sensitivity = case_of(spec | dict(seed=seed))
        if margin >= LEAST_MARGIN and sensitivity <= MOST_SENSITIVE:
            break
    else:
        if "seed" not in spec:
            sys.exit(f"{spec['name']}: of 1000 seeds none gives a margin of {LEAST_MARGIN} and a sensitivity of {MOST_SENSITIVE}")
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / f"{spec['name']}.safetensors", tensors)
    spec |= dict(seed=seed, margin=float(f"{margin:.2e}"), sensitivity=float(f"{sensitivity:.2e}"))
    (folder / f"{spec['name']}.json").write_text(json.dumps(spec, indent=1) + "\n")
    size = os.path.getsize(folder / f"{spec['name']}.safetensors")
    print(f"{spec['name']}: seed {seed}, margin {margin:.1e}, sensitivity {sensitivity:.1e}, {size} bytes", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--spec", type=json.loads, action="append", default=[])
    options = parser.parse_args()
    known = {spec["name"]: spec for spec in SET}
    for name in options.names:
        if name not in known:
            sys.exit(f"expected names among {', '.join(known)}, found '{name}'")
    for spec in options.spec + [known[name] for name in options.names] or SET:
        generate(spec, options.folder)


if __name__ == "__main__":
    main()
