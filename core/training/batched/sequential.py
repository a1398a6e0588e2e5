"""Many copies of one `torch.nn.Sequential`, trained together with autograd, each on its own batches."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class BatchedSequential:
    """N networks with the same architecture: any number of linear and element-wise layers.

    ``parameters`` holds the weights (N, out, in) and the biases (N, out) of each linear layer, in the order of the
    layers. Each network's loss depends only on the parameters of that network. Therefore, one backward pass from the
    sum of all losses computes the gradient of each loss.

    `core.training.batched.mlp.BatchedMLP` is faster for networks that have one hidden layer and share their batches.
    """

    def __init__(self, networks: Sequence[nn.Sequential]):
        self.layers = networks[0]
        parameters = zip(*(network.parameters() for network in networks), strict=True)
        self.parameters = [torch.stack([part.detach() for part in parts]).requires_grad_() for parts in parameters]

    def logits(self, x: Tensor) -> Tensor:
        """Return the outputs (N, batch, outputs) for inputs x (N, batch, inputs), one batch for each network."""
        parameters = iter(self.parameters)
        for layer in self.layers:
            if isinstance(layer, nn.Linear):
                weight, bias = next(parameters), next(parameters)
                x = torch.baddbmm(bias[:, None], x, weight.mT)
            else:
                x = layer(x)
        return x
