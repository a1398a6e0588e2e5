"""The same networks in plain PyTorch, for the tests of the race."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, mse_loss

from core.training.batched.data import Batch

OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "gd": torch.optim.SGD,
    "sgd": torch.optim.SGD,
    "momentum": lambda weights, momentum=0.9, **options: torch.optim.SGD(weights, momentum=momentum, **options),
    "nesterov": lambda weights, momentum=0.9, **options: torch.optim.SGD(
        weights, momentum=momentum, nesterov=True, **options
    ),
    "adagrad": torch.optim.Adagrad,
    "rmsprop": torch.optim.RMSprop,
    "adadelta": torch.optim.Adadelta,
    "adam": lambda weights, beta1=0.9, beta2=0.999, **options: torch.optim.Adam(
        weights, betas=(beta1, beta2), **options
    ),
    "adamw": lambda weights, beta1=0.9, beta2=0.999, **options: torch.optim.AdamW(
        weights, betas=(beta1, beta2), **options
    ),
}


def sequential(weights: Mapping[str, Tensor]) -> nn.Sequential:
    """A network with copies of these weights."""
    (hidden, inputs), outputs = weights["0.weight"].shape, len(weights["2.bias"])
    network = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))
    network.to(weights["0.weight"].dtype).load_state_dict(weights)
    return network


def loss(network: nn.Sequential, x: Tensor, y: Tensor) -> Tensor:
    """Cross-entropy of labels, the mean of squares of targets."""
    return (mse_loss if y.is_floating_point() else cross_entropy)(network(x), y)


def optimizers(
    name: str, network: nn.Sequential, rate: float, *, weight_decay: float = 0.0, **settings: float
) -> list[torch.optim.Optimizer]:
    """The optimizer of all weights; with Muon two, since it is for matrices: AdamW takes what is not the first one."""
    if name == "muon":
        first, *rest = network.parameters()
        return [
            torch.optim.Muon([first], rate, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw", **settings),
            torch.optim.AdamW(rest, rate, weight_decay=weight_decay),
        ]
    return [OPTIMIZERS[name](network.parameters(), lr=rate, weight_decay=weight_decay, **settings)]


def train(
    name: str, start: Mapping[str, Tensor], rate: float, batches: Sequence[Batch], *, passes: int = 1, **options: float
) -> tuple[list[float], nn.Sequential]:
    """The losses of the batches, each before its update, and the trained network.

    GD takes a step after every ``len(batches) / passes`` batches, with the gradient of all of them as one.
    """
    network, losses = sequential(start), []
    steps = optimizers(name, network, rate, **options)
    for number, (x, y) in enumerate(batches, 1):
        if name == "gd":
            with torch.no_grad():
                losses.append(float(loss(network, x, y)))
            if number % (len(batches) // passes):
                continue
            x, y = (torch.cat(part) for part in zip(*batches[number - len(batches) // passes : number], strict=True))
        network.zero_grad()
        value = loss(network, x, y)
        value.backward()
        for optimizer in steps:
            optimizer.step()
        if name != "gd":
            losses.append(float(value.detach()))
    return losses, network
