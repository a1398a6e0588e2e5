"""A run: its config, state, events and result."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic

import safetensors.torch

from core.engine.worker import Checkpoint, Command
from core.errors import CoreError
from core.training.config import Config
from core.training.progress import Metrics, Progress, TrainedModel


class State(StrEnum):
    """The state of a run. The last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def final(self) -> bool:
        """Whether the run has ended."""
        return self in (State.DONE, State.STOPPED, State.FAILED)


@dataclass(frozen=True)
class Status:
    """A run's state, its position in the queue (1 is next), and its attempt (2 after one death of its worker)."""

    state: State
    position: int | None = None
    attempt: int = 1
    error: CoreError | None = None
    save_error: CoreError | None = None


class Run(Generic[Config]):
    """One run, live or loaded from disk. Safe to use from any thread."""

    def __init__(self, run_id: str, topic: str, config: Config, *, title: str, owner: str = ""):
        self.id, self.topic, self.config, self.title, self.owner = run_id, topic, config, title, owner
        self.created = time.time()
        self.started: float | None = None
        self.finished: float | None = None
        self.reason: CoreError | None = None
        self.weights: bytes | None = None
        self.metrics: Metrics = {}
        self.command = Command()
        self.checkpoint: Checkpoint | None = None
        self.attempt = 0
        self.state = State.QUEUED
        self.error: CoreError | None = None
        self.save_error: CoreError | None = None
        self.events: list[Progress] = []
        self.changed = threading.Condition()
        self.find_position: Callable[[Run], int] = lambda run: 1
        self.on_command: Callable[[Run], None] = lambda run: None
        self._trained_seconds = 0.0
        self._resumed_at: float | None = None
        self._first_update: tuple[int, float] | None = None

    @property
    def status(self) -> Status:
        """The current status."""
        paused = self.is_suspended or (self.state is State.RUNNING and self.command.paused)
        state = State.PAUSED if paused else self.state
        position = self.find_position(self) if state is State.QUEUED else None
        return Status(state, position, max(1, self.attempt), self.error, self.save_error)

    @property
    def is_suspended(self) -> bool:
        """Whether the run is paused and has left its worker, until it is resumed or makes a single step."""
        if self.checkpoint is None or self.state is not State.QUEUED:
            return False
        return self.command.paused and self.command.steps <= self.checkpoint.steps

    @property
    def elapsed(self) -> float:
        """Seconds of training, without pauses."""
        since = self._resumed_at
        return self._trained_seconds + (time.monotonic() - since if since is not None else 0)

    @property
    def seconds_left(self) -> float | None:
        """Estimate of the remaining seconds, from the updates after the first; None before two updates."""
        latest = self.latest
        if not latest or not self._first_update or latest.step <= self._first_update[0]:
            return None
        step, elapsed = self._first_update
        return (self.elapsed - elapsed) / (latest.step - step) * (latest.total - latest.step)

    @property
    def latest(self) -> Progress | None:
        """The newest event."""
        events = self.events
        return events[-1] if events else None

    @property
    def result(self) -> TrainedModel | None:
        """The weights and final metrics of a run that is done, else None."""
        if self.weights is None:
            return None
        return TrainedModel(safetensors.torch.load(self.weights), self.metrics)

    def history(self, since: int = 0) -> list[Progress]:
        """Return the events from number ``since`` on."""
        return self.events[since:]

    def pause(self) -> None:
        """Pause the training until `resume` or `step`."""
        self._update_command(paused=True)

    def resume(self) -> None:
        """Continue a paused training."""
        self._update_command(paused=False, suspended=False)

    def step(self) -> None:
        """Train until the next event, then pause."""
        self._update_command(paused=True, steps=self.command.steps + 1, suspended=False)

    def stop(self, reason: CoreError | None = None) -> None:
        """Stop the training; the history stays. ``reason`` says why the engine stopped it, None if a person did."""
        if not self.command.stopped:
            self.reason = reason
        self._update_command(stopped=True)

    def begin(self, events: int = 0) -> None:
        """Note that a worker starts the training: from the seed, or after ``events`` events from the checkpoint.

        Later events were of a worker that died.
        """
        self.started = self.started or time.time()
        self.attempt += self.state is State.RUNNING or not self.attempt
        self.events = self.events[:events]
        self.state = State.RUNNING
        self._first_update = None
        if events:
            self._count_time(running=not self.command.paused)
        else:
            self._trained_seconds, self._resumed_at = 0.0, None

    def suspend(self, checkpoint: Checkpoint) -> None:
        """Note that the paused run has left its worker."""
        self._count_time(running=False)
        self.checkpoint, self.state = checkpoint, State.QUEUED
        self.command = self.command._replace(suspended=False)

    def leave_worker(self) -> None:
        """Let the paused run leave its worker to others."""
        self._update_command(suspended=True)

    def add(self, events: list[Progress]) -> None:
        """Append events of the worker; the first one starts the clock."""
        if not self.events and not self.command.paused:
            self._resumed_at = time.monotonic()
        self.events.extend(events)
        if self.events and self.events[-1].step and not self._first_update:
            self._first_update = self.events[-1].step, self.elapsed

    def end(self, state: State, error: CoreError | None = None) -> None:
        """Set a final state."""
        self._count_time(running=False)
        self.finished = time.time()
        self.error, self.state = error, state

    def _update_command(self, **changes: Any) -> None:
        with self.changed:
            if self.state.final or self.command.stopped:
                return
            self.command = self.command._replace(**changes)
            if self.state is State.RUNNING:
                self._count_time(running=not self.command.paused)
        self.on_command(self)

    def _count_time(self, *, running: bool) -> None:
        self._trained_seconds = self.elapsed
        self._resumed_at = time.monotonic() if running else None
