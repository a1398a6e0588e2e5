"""The network of the program."""

import torch
from torch import Tensor, nn

from core.topics.workflow.data import program_random


class Network(nn.Module):
    """A convolutional layer and a fully connected layer, as in script.py: images (N, 1, 28, 28) to logits (N, 10)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 8, kernel_size=3, stride=2, padding=1)
        self.fc = nn.Linear(8 * 14 * 14, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits of a batch of images."""
        x = torch.relu(self.conv(x))
        return self.fc(x.flatten(1))


def initial_network(seed: int) -> Network:
    """Return the network with the initial weights of the program for this seed."""
    with program_random(seed):
        return Network()
