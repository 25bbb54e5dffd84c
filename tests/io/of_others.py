"""Small networks as others build and name them, with random weights, and what PyTorch computes of them in float64.

    of_others.py FOLDER

Writes keras_like.safetensors (convolutions with biases, Keras' padding and epsilon, plain projections) and two_heads.safetensors (a
pre-activation trunk without gammas under two heads) for of_others_test.cpp. Needs torch and safetensors.
"""

import pathlib
import sys

import torch
from safetensors.torch import save_file
from torch.nn.functional import batch_norm, conv2d, pad

torch.manual_seed(1)


class Weights:
    """Tensors by name, drawn when they are first asked for."""

    def __init__(self, epsilon, learns_gamma):
        self.tensors = {}
        self.epsilon = epsilon
        self.learns_gamma = learns_gamma

    def take(self, name, draw):
        # (Rounded to what the file holds.)
        return self.tensors.setdefault(name, draw().float()).double()

    def conv(self, x, name, filters, window, stride=1, bias=False):
        """Padded as Keras' "same": where the zeros are odd in number, one more behind."""
        shape = (filters, x.shape[1], window, window)
        weight = self.take(f"{name}.weight", lambda: torch.randn(shape) * (2 / (x.shape[1] * window**2)) ** 0.5)
        shift = self.take(f"{name}.bias", lambda: 0.3 * torch.randn(filters)) if bias else None
        zeros = max((-(-x.shape[2] // stride) - 1) * stride + window - x.shape[2], 0)
        before, behind = zeros // 2, zeros - zeros // 2
        return conv2d(pad(x, (before, behind, before, behind)), weight, shift, stride)

    def norm(self, x, name):
        channels = x.shape[1]
        gamma = self.take(f"{name}.weight", lambda: 0.5 + torch.rand(channels)) if self.learns_gamma else None
        beta = self.take(f"{name}.bias", lambda: 0.2 * torch.randn(channels))
        mean = self.take(f"{name}.running_mean", lambda: 0.3 * torch.randn(channels))
        variance = self.take(f"{name}.running_var", lambda: 0.5 + torch.rand(channels))
        return batch_norm(x, mean, variance, gamma, beta, eps=self.epsilon)

    def linear(self, x, name, outputs):
        weight = self.take(f"{name}.weight", lambda: torch.randn(outputs, x.shape[1]) / x.shape[1] ** 0.5)
        return x @ weight.T + self.take(f"{name}.bias", lambda: 0.3 * torch.randn(outputs))


def keras_like(x):
    """ResNet-8 of MLPerf Tiny, with fewer filters."""
    weights = Weights(epsilon=1e-3, learns_gamma=True)
    count = {"conv2d": 0, "batch_normalization": 0}

    def numbered(kind):
        count[kind] += 1
        return kind if count[kind] == 1 else f"{kind}_{count[kind] - 1}"

    def conv(x, filters, window=3, stride=1):
        return weights.conv(x, numbered("conv2d"), filters, window, stride, bias=True)

    def norm(x):
        return weights.norm(x, numbered("batch_normalization"))

    x = norm(conv(x, 4)).relu()
    for filters, stride in ((4, 1), (6, 2), (8, 2)):
        y = norm(conv(norm(conv(x, filters, stride=stride)).relu(), filters))
        x = (y + (conv(x, filters, window=1, stride=stride) if stride > 1 else x)).relu()
    return weights.tensors, weights.linear(x.mean((2, 3)), "dense", 5)


def two_heads(x):
    weights = Weights(epsilon=1e-4, learns_gamma=False)
    x = weights.conv(x, "trunk.conv_initial", 6, window=5)
    for unit in range(2):
        name = f"trunk.blocks.{unit}"
        y = weights.conv(weights.norm(x, f"{name}.norm1").relu(), f"{name}.conv1", 6, window=3)
        x = x + weights.conv(weights.norm(y, f"{name}.norm2").relu(), f"{name}.conv2", 6, window=3)
    x = weights.norm(x, "trunk.norm_final").relu()
    policy = weights.norm(weights.conv(x, "policy_head.conv", 2, window=1), "policy_head.norm").relu()
    policy = weights.linear(policy.flatten(1), "policy_head.linear", 26)
    value = weights.norm(weights.conv(x, "value_head.conv", 1, window=1), "value_head.norm").relu()
    value = weights.linear(value.flatten(1), "value_head.linear1", 7).relu()
    return weights.tensors, policy, weights.linear(value, "value_head.linear2", 1)


def main():
    folder = pathlib.Path(sys.argv[1])
    for name, network, shape in (("keras_like", keras_like, (3, 3, 8, 8)), ("two_heads", two_heads, (3, 4, 5, 5))):
        images = torch.randn(shape)
        tensors, logits, *value = network(images.double())
        vector = {"test_vector.input": images, "test_vector.logits": logits.float()}
        vector |= {"test_vector.value": found.float() for found in value}
        save_file(tensors | vector, folder / f"{name}.safetensors")


if __name__ == "__main__":
    main()
