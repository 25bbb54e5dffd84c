"""ResNet-20 in PyTorch for compare.py: a line "WORK TIMES" of standard input is answered by a line of so many seconds, one for each time
that the work was done. WORK: train (a step on 128 images), infer_1, infer_128. One thread, channels_last; inference is traced, frozen
and optimised for inference, which is the fastest that PyTorch does without a compiler."""
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_num_threads(1)
torch.manual_seed(1)


class Unit(nn.Module):
    """Full pre-activation, option A."""

    def __init__(self, before, after, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(before)
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.stride, self.new = stride, after - before

    def forward(self, x):
        y = self.conv2(F.relu(self.bn2(self.conv1(F.relu(self.bn1(x))))))
        if self.stride > 1:
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.new))
        return x + y


def network():
    widths = (16, 16, 32, 64)
    units = [Unit(widths[s] if u == 0 else widths[s + 1], widths[s + 1], 2 if u == 0 and s > 0 else 1)
             for s in range(3) for u in range(3)]
    return nn.Sequential(nn.Conv2d(3, 16, 3, 1, 1, bias=False), *units, nn.BatchNorm2d(64), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
                         nn.Flatten(), nn.Linear(64, 10)).to(memory_format=torch.channels_last)


def training():
    net = network()
    x = torch.randn(128, 3, 32, 32).to(memory_format=torch.channels_last)
    labels = torch.arange(128) % 10
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)

    def step():
        optimizer.zero_grad()
        F.cross_entropy(net(x), labels).backward()
        optimizer.step()

    return step


def inference(images):
    x = torch.randn(images, 3, 32, 32).to(memory_format=torch.channels_last)
    with torch.inference_mode():
        traced = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(network().eval(), x)))

    def call():
        with torch.inference_mode():
            traced(x)

    return call


works = {"train": training(), "infer_1": inference(1), "infer_128": inference(128)}
for line in sys.stdin:
    name, times = line.split()
    seconds = []
    for _ in range(int(times)):
        begin = time.perf_counter()
        works[name]()
        seconds.append(time.perf_counter() - begin)
    print(" ".join(f"{s:.9f}" for s in seconds), flush=True)
