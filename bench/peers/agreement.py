"""Do two sides compute the same? Files are safetensors of float32."""
import array
import json
import math
from operator import sub

LAYERS = 1e-4
NETWORKS = 1e-4
# Of what a step adds to each tensor: sums of up to 131,072 values that cancel. (PyTorch 1.13's own in float and in double are up to 0.004 apart,
# ResNet-20, 128 images.)
MOMENTUM = 1e-2


def tolerance(work, tensor):
    """How far apart a tensor's values may be, of its largest."""
    if work.startswith("conv"):
        return LAYERS
    return MOMENTUM if tensor.startswith("momentum.") else NETWORKS


def read(path):
    """{name: (shape, values)}."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    header.pop("__metadata__", None)
    tensors = {}
    for name, info in header.items():
        begin, end = info["data_offsets"]
        values = array.array("f")
        values.frombytes(data[begin:end])
        tensors[name] = (info["shape"], values)
    return tensors


def apart(a, b):
    """max |a - b| / max |b|, infinite where one of them holds what is no number."""
    if not (math.isfinite(sum(a)) and math.isfinite(sum(b))):
        return math.inf
    largest = max(map(abs, b))
    difference = max(map(abs, map(sub, a, b)))
    if largest == 0:
        return 0.0 if difference == 0 else math.inf
    return difference / largest


def compare(work, ours, theirs):
    """(the largest difference, what disagrees: a text, or "")."""
    if set(ours) != set(theirs):
        return math.inf, f"expected the tensors {sorted(ours)}, found {sorted(theirs)}"
    most, problems = 0.0, []
    for name, (shape, values) in ours.items():
        their_shape, their_values = theirs[name]
        if shape != their_shape:
            return math.inf, f"{name}: expected the shape {shape}, found {their_shape}"
        difference = apart(their_values, values)
        most = max(most, difference)
        allowed = tolerance(work, name)
        if not difference <= allowed:
            problems.append((difference, f"{name} differs by {difference:.2g} of its largest value (at most {allowed:g})"))
    if problems:
        return most, max(problems)[1] + (f", and {len(problems) - 1} more" if len(problems) > 1 else "")
    return most, ""
