"""Saving and loading a network: round trips that succeed, and mistakes with their real consequences."""

import io
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import safetensors.torch
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import Adam, Optimizer

from core.data import datasets
from core.training.rng import Stream, seeded

N_TESTED = 500
"""Number of test digits."""
_BATCH_SIZE, _BEFORE, _AFTER = 64, 40, 20
"""The batch size, and the numbers of updates before saving and after loading."""
_TERMINAL_STYLES = re.compile(r"\x1b\[\d*m")

Batches = Sequence[tuple[Tensor, Tensor]]
Losses = list[float]
Outcome = Literal["identical", "error", "other_outputs", "other_losses"]
"""What happens: everything is as before saving, PyTorch raises an error, or outputs or later losses are different."""
OUTCOMES: tuple[Outcome, ...] = ("identical", "error", "other_outputs", "other_losses")


def network(hidden_size: int = 32) -> nn.Module:
    return nn.Sequential(
        OrderedDict(
            flatten=nn.Flatten(),
            hidden=nn.Linear(28 * 28, hidden_size),
            norm=nn.BatchNorm1d(hidden_size),
            relu=nn.ReLU(),
            output=nn.Linear(hidden_size, 10),
        )
    )


def train(model: nn.Module, optimizer: Optimizer, batches: Batches) -> Losses:
    """Make one update for each batch of digits, and return the losses."""
    model.train()
    losses = []
    for x, y in batches:
        optimizer.zero_grad()
        loss = cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def save_and_load(model: nn.Module, x: Tensor) -> Tensor:
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    fresh = network()
    fresh.load_state_dict(torch.load(file, weights_only=True))
    return fresh.eval()(x)


def save_and_load_safetensors(model: nn.Module, x: Tensor) -> Tensor:
    data = safetensors.torch.save(model.state_dict())
    fresh = network()
    fresh.load_state_dict(safetensors.torch.load(data))
    return fresh.eval()(x)


def missing_key(model: nn.Module, x: Tensor) -> Tensor:
    state = model.state_dict()
    del state["output.bias"]
    fresh = network()
    fresh.load_state_dict(state)
    return fresh.eval()(x)


def missing_key_not_strict(model: nn.Module, x: Tensor) -> Tensor:
    state = model.state_dict()
    del state["output.weight"]
    fresh = network()
    fresh.load_state_dict(state, strict=False)
    return fresh.eval()(x)


def wrong_shape(model: nn.Module, x: Tensor) -> Tensor:
    fresh = network(hidden_size=64)
    fresh.load_state_dict(model.state_dict(), strict=False)
    return fresh.eval()(x)


def without_eval(model: nn.Module, x: Tensor) -> Tensor:
    fresh = network()
    fresh.load_state_dict(model.state_dict())
    return fresh(x)


def whole_model(model: nn.Module, x: Tensor) -> Tensor:
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    fresh = torch.load(file, weights_only=True)
    return fresh.eval()(x)


def with_optimizer(model: nn.Module, optimizer: Optimizer, batches: Batches) -> Losses:
    file = io.BytesIO()
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, file)
    file.seek(0)
    saved = torch.load(file, weights_only=True)
    fresh = network()
    fresh.load_state_dict(saved["model"])
    fresh_optimizer = Adam(fresh.parameters(), lr=0.01)
    fresh_optimizer.load_state_dict(saved["optimizer"])
    return train(fresh, fresh_optimizer, batches)


def without_optimizer(model: nn.Module, optimizer: Optimizer, batches: Batches) -> Losses:
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    fresh = network()
    fresh.load_state_dict(torch.load(file, weights_only=True))
    fresh_optimizer = Adam(fresh.parameters(), lr=0.01)
    return train(fresh, fresh_optimizer, batches)


EVALUATIONS: dict[str, Callable[[nn.Module, Tensor], Tensor]] = {
    "save_and_load": save_and_load,
    "save_and_load_safetensors": save_and_load_safetensors,
    "missing_key": missing_key,
    "missing_key_not_strict": missing_key_not_strict,
    "wrong_shape": wrong_shape,
    "without_eval": without_eval,
    "whole_model": whole_model,
}
"""Experiments that load a network and return its outputs for test digits."""
CONTINUATIONS: dict[str, Callable[[nn.Module, Optimizer, Batches], Losses]] = {
    "without_optimizer": without_optimizer,
    "with_optimizer": with_optimizer,
}
"""Experiments that load a network, continue training, and return the losses."""


@dataclass(frozen=True)
class Result:
    """What happened in an experiment."""

    outcome: Outcome
    message: str = ""
    """PyTorch's error message, for the outcome "error"."""
    difference: float = 0.0
    """The largest difference between an output of the saved network and of the loaded network."""
    accuracies: tuple[float, float] | None = None
    """The test accuracies (0..1) of the saved and the loaded network, if the experiment returns outputs."""
    losses: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))
    """The losses of the uninterrupted and the continued training, if the experiment continues training."""
    n_before: int = _BEFORE
    """The number of updates before the network was saved."""


def run(name: str) -> Result:
    """Train a small network on MNIST digits, and run an experiment in EVALUATIONS or CONTINUATIONS with it."""
    with seeded(0, Stream.WORKFLOW_SAVING):
        model, optimizer, batches, earlier = _trained()
        if name in CONTINUATIONS:
            continued = CONTINUATIONS[name](model, optimizer, batches)
            uninterrupted = train(model, optimizer, batches)
            outcome: Outcome = "identical" if continued == uninterrupted else "other_losses"
            return Result(outcome, losses=(earlier + uninterrupted, continued))
        x, labels = datasets.load("mnist", "test").batch(torch.arange(N_TESTED))
        with torch.no_grad():
            expected = model.eval()(x)
            try:
                outputs = EVALUATIONS[name](model, x)
            except Exception as error:  # PyTorch's error is the result
                message = _TERMINAL_STYLES.sub("", f"{type(error).__name__}: {error}")
                return Result("error", message=message)
    return Result(
        "identical" if torch.equal(outputs, expected) else "other_outputs",
        difference=float((outputs - expected).abs().max()),
        accuracies=(_accuracy(expected, labels), _accuracy(outputs, labels)),
    )


@dataclass(frozen=True)
class Entry:
    """A tensor in a state_dict."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    count: int
    is_parameter: bool
    """False for a buffer: a tensor that the optimizer does not change, such as the running mean of batch norm."""
    first: tuple[float, ...]
    """The first three values."""


def entries(model: nn.Module) -> list[Entry]:
    """Return the tensors in the state_dict of a network."""
    parameters = dict(model.named_parameters())
    return [
        Entry(
            name,
            tuple(tensor.shape),
            str(tensor.dtype).removeprefix("torch."),
            tensor.numel(),
            name in parameters,
            tuple(tensor.flatten()[:3].tolist()),
        )
        for name, tensor in model.state_dict().items()
    ]


def example_entries() -> list[Entry]:
    """Return the state_dict of the network that the experiments save."""
    with seeded(0, Stream.WORKFLOW_SAVING):
        model, *_others = _trained()
    return entries(model)


def _trained() -> tuple[nn.Module, Optimizer, Batches, list[float]]:
    """Return a trained network, its optimizer, the batches that come next, and the losses so far."""
    digits = datasets.load("mnist", "train")
    indices = torch.arange((_BEFORE + _AFTER) * _BATCH_SIZE).split(_BATCH_SIZE)
    batches = [digits.batch(each) for each in indices]
    model = network()
    optimizer = Adam(model.parameters(), lr=0.01)
    losses = train(model, optimizer, batches[:_BEFORE])
    return model, optimizer, batches[_BEFORE:], losses


def _accuracy(outputs: Tensor, labels: Tensor) -> float:
    return float((outputs.argmax(dim=1) == labels).float().mean())
