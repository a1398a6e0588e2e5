"""The state of a run between two updates. A run that resumes from a saved state gives bit-identical results."""

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
    """An object with the PyTorch methods ``state_dict`` and ``load_state_dict``."""

    def state_dict(self) -> dict[str, Any]:
        """Return the state: tensors, numbers, and strings in dictionaries, lists, and tuples."""

    def load_state_dict(self, state_dict: dict[str, Any]) -> object:
        """Restore the state of the object."""


class Values(SimpleNamespace):
    """Values that a training function keeps between updates, in addition to its network and optimizer."""

    def state_dict(self) -> dict[str, Any]:
        """Return the values by name."""
        return dict(vars(self))

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the values by name."""
        vars(self).update(state_dict)


class Gradients:
    """The gradients of a network's parameters, as a part of the state of a run.

    Track this part (see `TrainingState.track`) if an update uses the gradients of the previous batch.
    """

    def __init__(self, parameters: Sequence[torch.nn.Parameter]):
        self._parameters = parameters

    def state_dict(self) -> dict[str, Any]:
        """Return the gradients in the order of the parameters."""
        return {"gradients": [parameter.grad for parameter in self._parameters]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the gradients of all parameters."""
        for parameter, gradient in zip(self._parameters, state_dict["gradients"], strict=True):
            parameter.grad = gradient


class Change(NamedTuple):
    """A change to a setting, made during training after update ``step``.

    A topic may allow other changes as well, such as a manual edit of a weight.
    """

    step: int
    name: str
    value: Any


class TrainingState:
    """The state of a run: the number of its latest update, and everything that changes during training.

    A training function passes everything that changes to `track`, gets its settings from `phases`, and counts its
    updates with `updates` or `steps`. After every event, the caller may `save` the state, `change` a setting, or call
    `current_weights`. Random numbers need no state: see `core.training.rng`.
    """

    def __init__(self, *, losses_only: bool = False) -> None:
        self.losses_only = losses_only
        """Whether training yields an event with the loss after every update, and evaluates nothing else."""
        self.step = 0
        self.ended = False
        """Whether the run ends before its last update, for instance because it has diverged."""
        self.resumed = False
        """Whether the run resumes from a saved state. If so, its first event is already known."""
        self.changes: list[Change] = []
        """All changes so far."""
        self.new_changes: list[Change] = []
        """The changes that began the current phase."""
        self.current_weights: Callable[[], Mapping[str, Tensor]] | None = None
        """A function that returns the current weights, named as in the run's result. None for runs without weights."""
        self._parts: dict[str, Stateful] = {}
        self._saved: dict[str, dict[str, Any]] = {}
        self._waiting: list[Change] = []
        self._has_counted_0 = False

    def track(self, **parts: Stateful) -> None:
        """Add parts, given as keyword arguments, to the state.

        In a resumed run, also restore each part from the state that was saved under its name.
        """
        self._parts |= parts
        for name, part in parts.items():
            if name in self._saved:
                part.load_state_dict(self._saved.pop(name))

    def forget(self, name: str) -> None:
        """Remove the part ``name`` from the state."""
        del self._parts[name]

    def change(self, name: str, value: Any) -> None:
        """Change the setting ``name`` to ``value``, from the next update on."""
        self._waiting.append(Change(self.step, name, value))
        self.changes.append(self._waiting[-1])

    def settings(self, config: Config) -> Config:
        """Return the current settings of a run that began with ``config``."""
        return changed_settings(config, [(change.name, change.value) for change in self.changes])

    def phases(self, config: Config) -> Iterator[Config]:
        """Yield the settings of each phase of a run that began with ``config``.

        A new phase begins when settings are changed.
        """
        made = self.changes[: len(self.changes) - len(self._waiting)]
        yield changed_settings(config, [(change.name, change.value) for change in made])
        while self._waiting:
            self.new_changes, self._waiting = self._waiting, []
            yield self.settings(config)

    def updates(self, total: int) -> Iterator[int]:
        """Yield the numbers of the remaining updates, up to ``total``. The first update of a run is number 1.

        Stops early if the run has ended or a setting has been changed.
        """
        while self.step < total and not (self.ended or self._waiting):
            self.step += 1
            yield self.step

    def steps(self, total: int) -> Iterator[int]:
        """Yield the same numbers as `updates`, preceded by 0 in a new run."""
        if not self.next_step:
            self._has_counted_0 = True
            yield 0
        yield from self.updates(total)

    @property
    def next_step(self) -> int:
        """The number that `steps` yields next."""
        return self.step + 1 if self.resumed or self._has_counted_0 else 0

    def state_dict(self) -> dict[str, Any]:
        """Return the state, including the states of all parts."""
        parts = {name: part.state_dict() for name, part in self._parts.items()}
        changes = [tuple(change) for change in self.changes]
        return {"step": self.step, "ended": self.ended, "changes": changes, "parts": self._saved | parts}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore a state. A part that is not tracked yet is restored when it is passed to `track`."""
        self.step, self.ended, self.resumed = state_dict["step"], state_dict["ended"], True
        self.changes = [Change(*change) for change in state_dict["changes"]]
        self._saved = dict(state_dict["parts"])
        self.track(**{name: part for name, part in self._parts.items() if name in self._saved})

    def save(self) -> bytes:
        """Return the state as bytes written by `torch.save`."""
        file = io.BytesIO()
        torch.save(self.state_dict(), file)
        return file.getvalue()

    @property
    def size(self) -> int:
        """The total size, in bytes, of all tensors in the state."""
        return _bytes_of(self.state_dict())

    @classmethod
    def load(cls, saved: bytes | Path) -> "TrainingState":
        """Load a state from bytes or from a file. No code in the saved data is executed.

        Raises CoreError "state_damaged" if the state cannot be loaded.
        """
        state = cls()
        try:
            file = saved if isinstance(saved, Path) else io.BytesIO(saved)
            state.load_state_dict(torch.load(file, weights_only=True, map_location="cpu"))
        except Exception as error:  # damaged bytes make torch.load raise nearly any exception
            raise CoreError("state_damaged") from error
        return state


def with_changes(
    train: Callable[[Any, TrainingState], Generator[Event, None, Result]], config: Any, changes: Iterable[Change]
) -> Generator[Event, None, Result]:
    """Train with the initial settings ``config``, and make each change in ``changes`` after update `Change.step`.

    Yields the events and returns the result of the training function.
    """
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
    """Return ``config`` with ``changes`` applied.

    ``changes`` contains (name, value) pairs. Names that are not settings are ignored.
    """
    values = {name: value for name, value in changes if name in type(config).model_fields}
    return config.changed(**values) if values else config


def _bytes_of(value: object) -> int:
    """Return the size in bytes of all tensors in a value, including nested dictionaries and sequences."""
    if isinstance(value, Tensor):
        return value.nbytes
    if isinstance(value, Mapping):
        value = tuple(value.values())
    return sum(map(_bytes_of, value)) if isinstance(value, list | tuple) else 0
