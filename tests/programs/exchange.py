"""Weights that train wrote give the same logits here and in PyTorch; changed there and loaded back, too.

    exchange.py WEIGHTS LOGITS [IMAGES]     LOGITS: the program of logits.cpp; IMAGES: an idx file of 28x28 images, else noise

Ends with 77 where there is no PyTorch: skipped.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

try:
    import numpy
    import torch
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

root = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(root / "examples/pytorch"))
import preact  # noqa: E402  (found there)
import resnet  # noqa: E402

weights, program = (os.path.abspath(path) for path in sys.argv[1:3])
failed = False


def compare(what, network, weights, images, folder, name="preact20"):
    """The largest difference of the logits of `network` from those that the program finds with these weights, and its `name`."""
    global failed
    images.numpy().astype(numpy.float32).tofile(folder / "images")
    subprocess.run([program, name, weights, folder / "images", folder / "logits", folder / "copy.safetensors"], check=True)
    found = torch.from_numpy(numpy.fromfile(folder / "logits", numpy.float32).reshape(len(images), -1))
    with torch.no_grad():
        expected = torch.cat([network(part) for part in images.split(256)])
    difference = (found - expected).abs().max().item()
    agree = (found.argmax(1) == expected.argmax(1)).float().mean().item()
    print(f"{what}: {len(images)} images, logits differ by {difference:.2g} at most, {100 * agree:.2f} % of the answers are the same")
    if not difference <= 1e-4:
        failed = True
    saved = preact.read(weights)[0]
    copied = preact.read(folder / "copy.safetensors")[0]
    same = [torch.equal(tensor, copied[name]) for name, tensor in saved.items() if not name.endswith("num_batches_tracked")]
    if not all(same) or len(same) != len(copied):
        print(f"FAILED: {what}: weights that were loaded and saved are not the same")
        failed = True


# What the page shows is what is here.
page = (root / "docs/exchange.md").read_text()
module = (root / "examples/pytorch/preact.py").read_text()
for block in re.findall(r"```python of preact.py\n(.*?)```", page, re.DOTALL):
    if block not in module:
        print(f"FAILED: docs/exchange.md shows other code than preact.py:\n{block}")
        failed = True

network, metadata = preact.network_of(weights)
torch.manual_seed(1)
pixels = torch.randint(0, 256, (40, 1, 28, 28))
if len(sys.argv) > 3:
    pixels = torch.from_numpy(numpy.fromfile(sys.argv[3], numpy.uint8)[16:].reshape(-1, 1, 28, 28).copy())
images = preact.inputs_of(pixels.float(), metadata)

with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    compare("from Residua to PyTorch " + torch.__version__, network, weights, images, folder)

    # The page's first lines of Python, as they stand there.
    (folder / "runs/a").mkdir(parents=True)
    shutil.copy(weights, folder / "runs/a/report.safetensors")
    names = {"images": pixels[:8].float()}
    os.chdir(folder)
    exec(re.search(r"```python\n(.*?)```", page, re.DOTALL)[1], names)
    if names["logits"].shape != (8, 10) or len(preact.read("back.safetensors")[0]) != len(preact.read("runs/a/report.safetensors")[0]):
        print("FAILED: the first lines of Python of docs/exchange.md")
        failed = True

    # A few steps there, and back.
    network.train()
    sgd = torch.optim.SGD(network.parameters(), lr=0.01)
    for i in range(3):
        sgd.zero_grad()
        torch.nn.functional.cross_entropy(network(images[:32]), torch.arange(32) % 10).backward()
        sgd.step()
    network.eval()
    preact.write(folder / "back.safetensors", network.state_dict())
    compare("and back", network, folder / "back.safetensors", images, folder)
    try:
        from safetensors.torch import save_file

        save_file(network.state_dict(), folder / "theirs.safetensors")  # with num_batches_tracked, which io::load passes over
        compare("and back through safetensors.torch", network, folder / "theirs.safetensors", images, folder)
    except ImportError:
        print("(no safetensors.torch here: not tried)")

    # The original form, with statistics that a few batches leave; and a file that does not say which network it holds.
    original = resnet.ResNet(20, channels=1)
    with torch.no_grad():
        for i in range(3):
            original(images[8 * i : 8 * i + 8])
    original.eval()
    preact.write(folder / "original.safetensors", original.state_dict())
    compare("the original form", original, folder / "original.safetensors", images, folder, "resnet20")
    again = resnet.load(resnet.ResNet(20, channels=1), resnet.read(folder / "copy.safetensors")[0]).eval()
    if not torch.equal(again(images[:8]), original(images[:8])):
        print("FAILED: the original form, loaded from a file of io::save")
        failed = True
    try:
        resnet.network_of(folder / "copy.safetensors")
        print("FAILED: a file that does not say which network it holds was believed")
        failed = True
    except ValueError as error:
        if "expected metadata 'network' of 'resnetN', found none" not in str(error):
            raise

# What PyTorch and Keras save, converted.
sys.path.insert(0, str(root / "scripts"))
import to_safetensors  # noqa: E402  (found there)


def refused(path, what):
    global failed
    try:
        to_safetensors.tensors_of(path)
        print(f"FAILED: {path.name} was converted, expected '{what}'")
        failed = True
    except to_safetensors.Refused as error:
        if what not in str(error):
            raise


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    tensors = preact.PreActResNet(8, channels=1).state_dict()
    torch.save({"state_dict": {f"module.{key}": value for key, value in tensors.items()}, "epoch": 3}, folder / "theirs.th")
    to_safetensors.write(folder / "theirs.safetensors", to_safetensors.tensors_of(folder / "theirs.th"))
    converted = preact.read(folder / "theirs.safetensors")[0]
    if list(converted) != list(tensors) or not all(torch.equal(converted[key], value) for key, value in tensors.items()):
        print("FAILED: a file of torch.save, converted")
        failed = True
    torch.save(torch.nn.Linear(2, 3), folder / "model.pth")
    refused(folder / "model.pth", "without running code of the file's")
    torch.save({"weight": torch.zeros(2), "epoch": 3}, folder / "mixed.pt")
    refused(folder / "mixed.pt", "found others: epoch")
    refused(folder / "weights.caffemodel", "expected a file .pth")
    try:
        import h5py

        # As Keras 2 lays files out, and Keras 3.
        kernel = numpy.arange(3 * 3 * 2 * 4, dtype=numpy.float32).reshape(3, 3, 2, 4)
        with h5py.File(folder / "two.h5", "w") as file:
            file.attrs["layer_names"] = [b"conv1_conv", b"post_bn"]
            for layer, variables in {"conv1_conv": {"kernel:0": kernel}, "post_bn": {"gamma:0": kernel[0, 0, 0]}}.items():
                group = file.create_group(layer)
                group.attrs["weight_names"] = [f"{layer}/{variable}".encode() for variable in variables]
                for variable, values in variables.items():
                    group[f"{layer}/{variable}"] = values
        with h5py.File(folder / "three.weights.h5", "w") as file:
            file["layers/conv2d_1/vars/0"] = kernel
            file["layers/conv2d_1/vars"].attrs["name"] = "conv1_conv"
        for path in (folder / "two.h5", folder / "three.weights.h5"):
            kind, shape, data = to_safetensors.tensors_of(path)["conv1_conv.weight"]
            if kind != "F32" or shape != (4, 2, 3, 3) or data != kernel.transpose(3, 2, 0, 1).tobytes():
                print(f"FAILED: {path.name}, converted")
                failed = True

        # A model within a model, and batch normalisation without gamma or without beta.
        def write_nested(path):
            with h5py.File(path, "w") as file:
                for number, name in (("", "norm"), ("_1", "post_norm")):
                    for variable in range(3):
                        file[f"layers/functional/layers/batch_normalization{number}/vars/{variable}"] = kernel[0, 0, 0] + variable
                    file[f"layers/functional/layers/batch_normalization{number}/vars"].attrs["name"] = name
                file["layers/dense/vars/0"] = kernel[0, 0]
                file["layers/dropout/seed_generator/vars/0"] = kernel[0, 0]

        write_nested(folder / "nested.weights.h5")
        refused(folder / "nested.weights.h5", "norm: expected a .keras file")
        norms = [{"class_name": "BatchNormalization", "config": {"name": name, "scale": scale, "center": not scale}}
                 for name, scale in (("norm", False), ("post_norm", True))]
        config = {"class_name": "Functional", "config": {"layers": [{"class_name": "Functional", "config": {"layers": norms}}]}}
        with zipfile.ZipFile(folder / "nested.keras", "w") as archive:
            archive.write(folder / "nested.weights.h5", "model.weights.h5")
            archive.writestr("config.json", json.dumps(config))
        with h5py.File(folder / "nested.h5", "w") as file:
            file.attrs["layer_names"] = ["backbone", "dense"]
            paths = [f"{layer}/{name}" for layer, first in (("norm", "beta"), ("post_norm", "gamma"))
                     for name in (first, "moving_mean", "moving_variance")]
            file.create_group("backbone").attrs["weight_names"] = paths
            for number, path in enumerate(paths):
                file[f"backbone/{path}"] = kernel[0, 0, 0] + number % 3
            file.create_group("dense").attrs["weight_names"] = ["dense/kernel"]
            file["dense/dense/kernel"] = kernel[0, 0]
        expected = {"norm.bias": 0, "norm.running_mean": 1, "norm.running_var": 2, "post_norm.weight": 0, "post_norm.running_mean": 1,
                    "post_norm.running_var": 2}
        for path in (folder / "nested.keras", folder / "nested.h5"):
            found = to_safetensors.tensors_of(path)
            if set(found) != {*expected, "dense.weight"} or any(found[name][2] != (kernel[0, 0, 0] + number).tobytes()
                                                                for name, number in expected.items()):
                print(f"FAILED: {path.name}, converted: {', '.join(found)}")
                failed = True
        with h5py.File(folder / "depthwise.weights.h5", "w") as file:
            file["layers/depthwise_conv2d/vars/0"] = kernel
        refused(folder / "depthwise.weights.h5", "found depthwise_conv2d with 1")
        with h5py.File(folder / "attention.weights.h5", "w") as file:
            file["layers/multi_head_attention/query_dense/vars/0"] = kernel[0, 0]
        refused(folder / "attention.weights.h5", "found /layers/multi_head_attention, which has variables in its query_dense")
    except ImportError:
        print("(no h5py here: files of Keras not tried)")

print("exchange: " + ("FAILED" if failed else "ok"))
sys.exit(1 if failed else 0)
