"""Residua's networks of the original form in PyTorch, under the names of its weight files.

    python3 resnet.py WEIGHTS         what is in the file, and that it loads

cifar::ResNet<20> is ResNet(20), with Shape{1, 28, 28} ResNet(20, channels=1); 164 and 1001 layers have bottlenecks, as there. Files
are read and written by preact.py, which lies beside this. (imagenet::ResNet<50> is torchvision's resnet50.)
"""

import sys

from preact import inputs_of, load, network_in, option_a, read, write  # noqa: F401  (of one module for who uses these networks)
from torch import nn
from torch.nn.functional import relu


class Unit(nn.Module):
    """y = relu(h(x) + F(x)), with BN behind each weight layer (He et al. 2015; He et al. 2016, figure 4 a)."""

    def __init__(self, inputs, filters, stride, bottleneck):
        super().__init__()
        outputs = 4 * filters if bottleneck else filters
        windows = (1, 3, 1) if bottleneck else (3, 3)
        widths = (inputs, filters, filters, outputs) if bottleneck else (inputs, filters, outputs)
        strides = (1, stride, 1) if bottleneck else (stride, 1)
        for i, window in enumerate(windows):
            setattr(self, f"conv{i + 1}", nn.Conv2d(widths[i], widths[i + 1], window, strides[i], window // 2, bias=False))
            setattr(self, f"bn{i + 1}", nn.BatchNorm2d(widths[i + 1]))
        self.layers = len(windows)
        self.stride, self.more_channels = stride, outputs - inputs
        self.shortcut = None
        if bottleneck and (stride != 1 or inputs != outputs):
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))  # option B

    def forward(self, x):
        y = x
        for i in range(self.layers):
            y = getattr(self, f"bn{i + 1}")(getattr(self, f"conv{i + 1}")(y))
            if i + 1 < self.layers:
                y = relu(y)
        h = self.shortcut(x) if self.shortcut is not None else option_a(x, self.stride, self.more_channels)
        return relu(h + y)


class ResNet(nn.Module):
    def __init__(self, depth, classes=10, channels=3):
        super().__init__()
        bottleneck = depth in (164, 1001)
        units = (depth - 2) // (9 if bottleneck else 6)
        self.conv1 = nn.Conv2d(channels, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        width = 16
        for stage, filters in enumerate((16, 32, 64)):
            layer = []
            for i in range(units):
                layer.append(Unit(width, filters, 2 if stage > 0 and i == 0 else 1, bottleneck))
                width = 4 * filters if bottleneck else filters
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layer))
        self.fc = nn.Linear(width, classes)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(relu(self.bn1(self.conv1(x))))))
        return self.fc(x.mean(dim=(2, 3)))


def network_of(path):
    """The network that the program train wrote, ready to classify, and what the file says of it."""
    return network_in(path, "resnet", ResNet)


if __name__ == "__main__":
    model, said = network_of(sys.argv[1])
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters")
    for key, value in said.items():
        print(f"{key}: {value}")
