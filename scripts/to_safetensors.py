#!/usr/bin/env python3
"""Weights that PyTorch (.pth, .pt, .th, .bin) or Keras (.h5, .weights.h5, .keras) saved, as safetensors.

    to_safetensors.py FILE [OUT] [--entry NAME]     OUT: FILE with the ending .safetensors

PyTorch: nothing of the file is run (weights_only=True). Of a dictionary with an entry `state_dict` or `model` (or --entry) that one
is taken; `module.`, with which DataParallel begins all names, is removed. Needs torch.

Keras: names are LAYER.weight, LAYER.bias, LAYER.running_mean, LAYER.running_var; tensors are laid out as PyTorch's, kernels
[outputs, inputs, rows, columns] and [outputs, inputs]. Models within models are looked into. Layers with other variables (depthwise
convolutions) are an error. Needs h5py.

Both need numpy. Ends with 1 and a message where the file is none of these.
"""

import argparse
import io
import json
import os
import pathlib
import struct
import sys
import zipfile

import numpy

# Of Keras' variables: PyTorch's names of them, and its order of the axes, by the rank of a kernel.
KERAS_NAMES = {"kernel": "weight", "bias": "bias", "gamma": "weight", "beta": "bias", "moving_mean": "running_mean",
               "moving_variance": "running_var"}
KERNEL_AXES = {4: (3, 2, 0, 1), 2: (1, 0)}

# A Keras 3 file numbers a layer's variables, in the order in which the layer makes them. (Of three that a batch normalisation has,
# the configuration says which the first is.)
KERAS_STATISTICS = ["moving_mean", "moving_variance"]
KERAS_VARIABLES = {"conv2d": {1: ["kernel"], 2: ["kernel", "bias"]},
                   "dense": {1: ["kernel"], 2: ["kernel", "bias"]},
                   "batch_normalization": {2: KERAS_STATISTICS, 4: ["gamma", "beta", *KERAS_STATISTICS]}}


class Refused(Exception):
    """What was expected and what was found."""


def write(path, tensors):
    """A safetensors file of (type, shape, bytes) by name, whole or not at all."""
    header = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, (kind, shape, data) in tensors.items():
        header[name] = {"dtype": kind, "shape": list(shape), "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with open(draft, "xb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            for _, _, data in tensors.values():
                file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def of_array(name, array):
    kinds = {"float16": "F16", "float32": "F32", "float64": "F64", "int64": "I64"}
    if array.dtype.name not in kinds:
        raise Refused(f"{name}: expected values of {', '.join(kinds)}, found {array.dtype.name}")
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return kinds[array.dtype.name], array.shape, numpy.ascontiguousarray(little).tobytes()


def of_pytorch(path, entry):
    import torch

    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:  # (it has no class of its own for what it refuses)
        raise Refused("expected tensors in dictionaries, as torch.save(model.state_dict(), ...) writes them, found what PyTorch cannot "
                      "read, or not without running code of the file's (a whole model?)") from error
    entries = list(loaded) if isinstance(loaded, dict) else []
    if entry is None:
        entry = next((name for name in ("state_dict", "model") if isinstance(loaded, dict) and isinstance(loaded.get(name), dict)), None)
    elif entry not in entries:
        raise Refused(f"expected an entry '{entry}', found {', '.join(map(str, entries[:8])) or 'none'}")
    tensors = loaded if entry is None else loaded[entry]
    if not isinstance(tensors, dict) or not tensors:
        raise Refused(f"expected a dictionary of tensors, found {type(tensors).__name__}")
    others = [str(name) for name, tensor in tensors.items() if not isinstance(tensor, torch.Tensor)]
    if others:
        raise Refused(f"expected tensors alone, found others: {', '.join(others[:8])} (--entry names the dictionary of them)")
    if all(name.startswith("module.") for name in tensors):
        tensors = {name.removeprefix("module."): tensor for name, tensor in tensors.items()}

    def of(name, tensor):
        tensor = tensor.detach().contiguous()
        if tensor.dtype == torch.bfloat16:
            return "BF16", tuple(tensor.shape), tensor.view(torch.int16).numpy().tobytes()
        return of_array(name, tensor.numpy())

    return {name: of(name, tensor) for name, tensor in tensors.items()}


def keras_scales(config):
    """Which batch normalisations of a Keras 3 configuration have a gamma, by their names."""
    if isinstance(config, list):
        config = dict(enumerate(config))
    if not isinstance(config, dict):
        return {}
    scales = {}
    if config.get("class_name") == "BatchNormalization" and isinstance(config.get("config"), dict):
        scales[config["config"].get("name")] = config["config"].get("scale", True)
    for part in config.values():
        scales |= keras_scales(part)
    return scales


def keras_3_variables(layers, scales):
    """As keras_variables, of a group of layers; a model within it is a layer with layers."""
    for group in layers.values():
        if "layers" in group:
            yield from keras_3_variables(group["layers"], scales)
        for part in set(group) - {"layers", "vars", "seed_generator"}:
            if group[part].visititems(lambda _, item: hasattr(item, "shape") or None):
                raise Refused(f"expected layers among {', '.join(KERAS_VARIABLES)}, found {group.name}, which has variables in its {part}")
        variables = group["vars"] if "vars" in group else {}
        if len(variables) == 0:
            continue
        layer = variables.attrs.get("name", group.name.rsplit("/", 1)[1])
        kind = group.name.rsplit("/", 1)[1].rstrip("0123456789").rstrip("_")
        names = KERAS_VARIABLES.get(kind, {}).get(len(variables))
        if kind == "batch_normalization" and len(variables) == 3:
            if layer not in scales:
                raise Refused(f"{layer}: expected a .keras file, whose configuration says which of gamma and beta this batch normalisation has, "
                              "found weights alone, with one of them")
            names = ["gamma" if scales[layer] else "beta", *KERAS_STATISTICS]
        if names is None:
            known = ", ".join(KERAS_VARIABLES)
            raise Refused(f"{layer}: expected a layer among {known}, with all of its variables, found {kind} with {len(variables)}")
        for number, name in enumerate(names):
            yield layer, name, variables[str(number)][()]


def keras_variables(file, config):
    """(layer, variable, values) of a file that Keras 2 or 3 wrote, and what configuration stands beside it."""
    if "layers" in file:
        yield from keras_3_variables(file["layers"], keras_scales(config))
        return
    layers = file["model_weights"] if "model_weights" in file else file
    if "layer_names" not in layers.attrs:
        raise Refused("expected a Keras file, with layers or layer_names, found another HDF5 file")
    as_text = lambda name: name.decode() if isinstance(name, bytes) else str(name)
    for layer in map(as_text, layers.attrs["layer_names"]):
        paths = [as_text(path) for path in layers[layer].attrs["weight_names"]]
        owners = [path.split("/")[-2] if "/" in path else layer for path in paths]
        is_model = len(set(owners)) > 1  # (whose layers stand in the paths)
        for path, owner in zip(paths, owners):
            yield owner if is_model else layer, path.rsplit("/", 1)[-1].split(":")[0], layers[layer][path][()]


def of_keras(path):
    import h5py

    source = path
    config = None
    if zipfile.is_zipfile(path):
        archive = zipfile.ZipFile(path)
        if "model.weights.h5" not in archive.namelist():
            raise Refused("expected a .keras file with model.weights.h5, found another zip archive")
        source = io.BytesIO(archive.read("model.weights.h5"))
        if "config.json" in archive.namelist():
            config = json.loads(archive.read("config.json"))
    tensors = {}
    with h5py.File(source, "r") as file:
        for layer, variable, values in keras_variables(file, config):
            if variable not in KERAS_NAMES or (variable == "kernel" and values.ndim not in KERNEL_AXES):
                raise Refused(f"{layer}: expected variables among {', '.join(KERAS_NAMES)}, kernels of 2 or 4 extents, "
                              f"found {variable} of {values.ndim}")
            if variable == "kernel":
                values = values.transpose(KERNEL_AXES[values.ndim])
            name = f"{layer}.{KERAS_NAMES[variable]}"
            if name in tensors:
                raise Refused(f"expected each name once, found {name} twice")
            tensors[name] = of_array(name, values)
    if not tensors:
        raise Refused("expected layers with variables, found none")
    return tensors


def tensors_of(path, entry=None):
    """The file's tensors, as write takes them."""
    ending = path.suffix.lower()
    if ending in (".pth", ".pt", ".th", ".bin", ".ckpt", ".tar"):
        return of_pytorch(path, entry)
    if ending in (".h5", ".hdf5", ".keras"):
        return of_keras(path)
    raise Refused(f"expected a file .pth, .pt, .th, .bin, .h5 or .keras, found {path.name}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path, nargs="?")
    parser.add_argument("--entry")
    options = parser.parse_args()
    out = options.out or options.file.with_suffix(".safetensors")
    try:
        tensors = tensors_of(options.file, options.entry)
        write(out, tensors)
    except (Refused, OSError, ImportError) as error:
        sys.exit(f"{options.file}: {error}")
    print(f"{out}: {len(tensors)} tensors")


if __name__ == "__main__":
    main()
