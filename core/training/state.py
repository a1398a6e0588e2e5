"""The state of a run between two updates: once saved, the run goes on from it later, to the last bit as without it."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import torch

from core.errors import CoreError


class Stateful(Protocol):
    """What can be saved and loaded as networks and optimizers of PyTorch can."""

    def state_dict(self) -> dict[str, Any]:
        """Return the state: tensors, numbers and texts, in dictionaries, lists and tuples."""

    def load_state_dict(self, state_dict: dict[str, Any]) -> object:
        """Take over a state."""


class Values(SimpleNamespace):
    """Values that a training function remembers from update to update, beside its network and its optimizer."""

    def state_dict(self) -> dict[str, Any]:
        """Return the values by name."""
        return dict(vars(self))

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over values."""
        vars(self).update(state_dict)


class Gradients:
    """The gradients of parameters, where an update is made with those of the batch before."""

    def __init__(self, parameters: Sequence[torch.nn.Parameter]):
        self._parameters = parameters

    def state_dict(self) -> dict[str, Any]:
        """Return the gradients in the order of the parameters."""
        return {"gradients": [parameter.grad for parameter in self._parameters]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over gradients."""
        for parameter, gradient in zip(self._parameters, state_dict["gradients"], strict=True):
            parameter.grad = gradient


class TrainingState:
    """Where a run stands: the number of its last update, and everything that changes while it trains.

    A training function gives what changes to `track`, and counts with `updates` or `steps`. The caller may `save` the
    state after every event. What is drawn at random needs no state: see `core.training.rng`.
    """

    def __init__(self) -> None:
        self.step = 0
        self.ended = False
        """Whether the run ends before its last update, for instance because it has diverged."""
        self.resumed = False
        """Whether the run goes on from a saved state, so that its first event has been seen."""
        self._parts: dict[str, Stateful] = {}
        self._saved: dict[str, dict[str, Any]] = {}

    def track(self, **parts: Stateful) -> None:
        """Save these parts from now on. In a run that goes on, each takes over what was saved under its name."""
        self._parts |= parts
        for name, part in parts.items():
            if name in self._saved:
                part.load_state_dict(self._saved.pop(name))

    def forget(self, name: str) -> None:
        """Save a part no longer."""
        del self._parts[name]

    def updates(self, total: int) -> Iterator[int]:
        """Count the updates that are left: yields the number of each, up to ``total`` or until the run has ended."""
        while self.step < total and not self.ended:
            self.step += 1
            yield self.step

    def steps(self, total: int) -> Iterator[int]:
        """Count as `updates` does, but begin a new run with step 0."""
        if not self.resumed:
            yield 0
        yield from self.updates(total)

    def state_dict(self) -> dict[str, Any]:
        """Return the state with that of all parts."""
        parts = {name: part.state_dict() for name, part in self._parts.items()}
        return {"step": self.step, "ended": self.ended, "parts": self._saved | parts}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over a state. Parts that are tracked later get theirs then."""
        self.step, self.ended, self.resumed = state_dict["step"], state_dict["ended"], True
        self._saved = dict(state_dict["parts"])
        self.track(**{name: part for name, part in self._parts.items() if name in self._saved})

    def save(self) -> bytes:
        """Return the state as a file of `torch.save`."""
        file = io.BytesIO()
        torch.save(self.state_dict(), file)
        return file.getvalue()

    @classmethod
    def load(cls, saved: bytes | Path) -> "TrainingState":
        """Return a saved state, or that in a file. Nothing in it is executed. Raises CoreError "state_damaged"."""
        state = cls()
        try:
            file = saved if isinstance(saved, Path) else io.BytesIO(saved)
            state.load_state_dict(torch.load(file, weights_only=True))
        except Exception as error:  # torch.load raises whatever the bytes lead it to
            raise CoreError("state_damaged") from error
        return state
