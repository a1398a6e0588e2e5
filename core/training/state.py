"""The state of a run between two updates: once saved, the run goes on from it later, to the last bit as without it."""

import io
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, Protocol, TypeVar

import torch
from torch import Tensor

from core.errors import CoreError
from core.training.config import Config

Event = TypeVar("Event")
Result = TypeVar("Result")


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


class Change(NamedTuple):
    """A setting that was changed while a run trained, after update ``step``.

    Beside settings, a topic may allow other changes, such as a weight that is turned by hand.
    """

    step: int
    name: str
    value: Any


class TrainingState:
    """Where a run stands: the number of its last update, and everything that changes while it trains.

    A training function gives what changes to `track`, takes its settings from `phases`, and counts with `updates` or
    `steps`. After every event the caller may `save` the state, `change` a setting, or read the `current_weights`. What
    is drawn at random needs no state: see `core.training.rng`.
    """

    def __init__(self) -> None:
        self.step = 0
        self.ended = False
        """Whether the run ends before its last update, for instance because it has diverged."""
        self.resumed = False
        """Whether the run goes on from a saved state, so that its first event has been seen."""
        self.changes: list[Change] = []
        """The settings that were changed so far."""
        self.new_changes: list[Change] = []
        """Those of them that began the current phase."""
        self.current_weights: Callable[[], Mapping[str, Tensor]] | None = None
        """Returns the weights as they are now, named as those that the run returns; None where there are no such."""
        self._parts: dict[str, Stateful] = {}
        self._saved: dict[str, dict[str, Any]] = {}
        self._waiting: list[Change] = []
        self._has_counted_0 = False

    def track(self, **parts: Stateful) -> None:
        """Save these parts from now on. In a run that goes on, each takes over what was saved under its name."""
        self._parts |= parts
        for name, part in parts.items():
            if name in self._saved:
                part.load_state_dict(self._saved.pop(name))

    def forget(self, name: str) -> None:
        """Save a part no longer."""
        del self._parts[name]

    def change(self, name: str, value: Any) -> None:
        """Change a setting, from the next update on."""
        self._waiting.append(Change(self.step, name, value))
        self.changes.append(self._waiting[-1])

    def settings(self, config: Config) -> Config:
        """Return the settings as they are now, of a run that began with ``config``."""
        return changed_settings(config, [(change.name, change.value) for change in self.changes])

    def phases(self, config: Config) -> Iterator[Config]:
        """Yield the settings of a run that began with ``config``: once, and again whenever one was changed."""
        made = self.changes[: len(self.changes) - len(self._waiting)]
        yield changed_settings(config, [(change.name, change.value) for change in made])
        while self._waiting:
            self.new_changes, self._waiting = self._waiting, []
            yield self.settings(config)

    def updates(self, total: int) -> Iterator[int]:
        """Count the updates that are left: yields the number of each, up to ``total``.

        Stops earlier when the run has ended, or when a setting was changed.
        """
        while self.step < total and not (self.ended or self._waiting):
            self.step += 1
            yield self.step

    def steps(self, total: int) -> Iterator[int]:
        """Count as `updates` does, but begin a new run with step 0."""
        if not self.next_step:
            self._has_counted_0 = True
            yield 0
        yield from self.updates(total)

    @property
    def next_step(self) -> int:
        """The number that `steps` yields next."""
        return self.step + 1 if self.resumed or self._has_counted_0 else 0

    def state_dict(self) -> dict[str, Any]:
        """Return the state with that of all parts."""
        parts = {name: part.state_dict() for name, part in self._parts.items()}
        changes = [tuple(change) for change in self.changes]
        return {"step": self.step, "ended": self.ended, "changes": changes, "parts": self._saved | parts}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over a state. Parts that are tracked later get theirs then."""
        self.step, self.ended, self.resumed = state_dict["step"], state_dict["ended"], True
        self.changes = [Change(*change) for change in state_dict["changes"]]
        self._saved = dict(state_dict["parts"])
        self.track(**{name: part for name, part in self._parts.items() if name in self._saved})

    def save(self) -> bytes:
        """Return the state as a file of `torch.save`."""
        file = io.BytesIO()
        torch.save(self.state_dict(), file)
        return file.getvalue()

    @property
    def size(self) -> int:
        """The bytes of all tensors of the state."""
        return _bytes_of(self.state_dict())

    @classmethod
    def load(cls, saved: bytes | Path) -> "TrainingState":
        """Return a saved state, or that in a file. Nothing in it is executed. Raises CoreError "state_damaged"."""
        state = cls()
        try:
            file = saved if isinstance(saved, Path) else io.BytesIO(saved)
            state.load_state_dict(torch.load(file, weights_only=True, map_location="cpu"))
        except Exception as error:  # torch.load raises whatever the bytes lead it to
            raise CoreError("state_damaged") from error
        return state


def with_changes(
    train: Callable[[Any, TrainingState], Generator[Event, None, Result]], config: Any, changes: Iterable[Change]
) -> Generator[Event, None, Result]:
    """Train a run again from its record: from its config, with the changes that were made while it trained."""
    state, waiting = TrainingState(), list(changes)
    training = train(config, state)
    while True:
        while waiting and waiting[0].step <= state.step:
            change = waiting.pop(0)
            state.change(change.name, change.value)
        try:
            event = next(training)
        except StopIteration as end:
            return end.value
        yield event


def changed_settings(config: Config, changes: Iterable[tuple[str, Any]]) -> Config:
    """Return settings after changes, pairs of a name and a value; those that are no settings are left out."""
    values = {name: value for name, value in changes if name in type(config).model_fields}
    return config.changed(**values) if values else config


def _bytes_of(value: object) -> int:
    """Return the bytes of all tensors in a value, or in the dictionaries and sequences that it consists of."""
    if isinstance(value, Tensor):
        return value.nbytes
    if isinstance(value, Mapping):
        value = tuple(value.values())
    return sum(map(_bytes_of, value)) if isinstance(value, list | tuple) else 0
