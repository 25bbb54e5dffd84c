"""Networks of torchvision, timm and Keras with random weights, and their logits, as files for reference/world.cpp.

    world.py FOLDER [NAME...]       NAME: resnet18 ... resnet152, resnetv2_18 ... resnetv2_152, ResNet50V2 ... ResNet152V2; none: all

Each NAME.safetensors holds the weights under their project's names, each NAME.HEIGHTxWIDTH.safetensors a test vector. Needs torch,
torchvision, timm, safetensors; for Keras' network keras, with PyTorch behind it.
"""

import os
import pathlib
import sys

os.environ.setdefault("KERAS_BACKEND", "torch")

import torch
import torchvision
from safetensors.torch import save_file

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))

SIZES = [(224, 224), (320, 320), (225, 319)]
TORCHVISION = [f"resnet{depth}" for depth in (18, 34, 50, 101, 152)]
TIMM = [f"resnetv2_{depth}" for depth in (18, 34, 50, 101, 152)]
KERAS = ["ResNet50V2", "ResNet101V2", "ResNet152V2"]


def randomise(network):
    """Weights as they are drawn, BN's parameters at random, and the running statistics that random images have with them: so that
    signals neither vanish nor explode, and no tensor is a constant. BN at the end of a branch has a small factor, as in trained
    networks: with 1, ResNet-101 multiplies an input's rounding by 150, and float32 differs from float64 by 1e-4 in PyTorch."""
    last = {torchvision.models.resnet.BasicBlock: "bn2", torchvision.models.resnet.Bottleneck: "bn3"}
    ends = [getattr(module, last[type(module)]) for module in network.modules() if type(module) in last]
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_(0, 0.2)
            module.momentum = None
    for module in ends:
        module.weight.data.mul_(0.3)
    network.train()
    with torch.no_grad():
        network(torch.randn(4, 3, 160, 160))
    return network.eval()


def in_keras(name, folder):
    """Keras' own network, whose images have their channels last. (Momentum 0: the statistics are those of one batch.)"""
    import keras
    import to_safetensors

    def network_of(height, width):
        of_keras = getattr(keras.applications, name)
        return of_keras(weights=None, input_shape=(height, width, 3), classifier_activation=None)

    network = network_of(160, 160)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            count = layer.gamma.shape[0]
            layer.gamma.assign(0.5 + torch.rand(count))
            layer.beta.assign(0.2 * torch.randn(count))
            layer.momentum = 0.0
        elif getattr(layer, "bias", None) is not None:
            layer.bias.assign(0.1 * torch.randn(layer.bias.shape[0]))
    with torch.no_grad():
        network(torch.randn(4, 160, 160, 3), training=True)
    saved = folder / f"{name}.weights.h5"
    network.save_weights(saved)
    to_safetensors.write(folder / f"{name}.safetensors", to_safetensors.tensors_of(saved))

    def logits_of(images):
        same = network_of(*images.shape[2:])
        same.set_weights(network.get_weights())
        return torch.as_tensor(same(images.permute(0, 2, 3, 1), training=False))

    return logits_of


def in_pytorch(name, folder):
    if name in TORCHVISION:
        network = getattr(torchvision.models, name)(weights=None)
    else:
        import timm

        network = timm.create_model(name, pretrained=False)
    randomise(network)
    tensors = {key: value.contiguous() for key, value in network.state_dict().items()}
    save_file(tensors, folder / f"{name}.safetensors")
    return network


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[2:] or TORCHVISION + TIMM + KERAS:
        torch.manual_seed(1)
        network = in_keras(name, folder) if name in KERAS else in_pytorch(name, folder)
        for height, width in SIZES:
            images = torch.randn(1, 3, height, width)
            with torch.no_grad():
                logits = network(images)
            vector = {"test_vector.input": images, "test_vector.logits": logits.contiguous()}
            save_file(vector, folder / f"{name}.{height}x{width}.safetensors")
            print(f"{name} {height}x{width}: largest logit {logits.abs().max():.3g}", flush=True)


if __name__ == "__main__":
    main()
