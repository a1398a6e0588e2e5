"""A run: its config, state, events, and result."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, NamedTuple

import safetensors.torch

from core.engine.states import Checkpoint, contents
from core.engine.worker import Command
from core.errors import CoreError
from core.training.config import Config
from core.training.progress import Metrics, Progress, TrainedModel
from core.training.state import Change, changed_settings


class State(StrEnum):
    """The state of a run. DONE, STOPPED, and FAILED are final."""

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


class CurrentWeights(NamedTuple):
    """The weights of a run after update ``step``, as bytes in the safetensors format."""

    step: int
    weights: bytes


@dataclass(frozen=True)
class Wait:
    """The expected wait of a queued run: the number of runs ahead of it, and the number of seconds until it starts."""

    runs: int
    seconds: float


@dataclass(frozen=True)
class Status:
    """The state of a run, with its expected wait, attempt number, and errors.

    ``wait`` is None unless the run is queued. ``attempt`` is 1 at first, and 2 after the run's worker has died once.
    ``error`` is the reason why the run failed or was stopped by the engine. ``save_error`` is the reason why the
    finished run could not be saved.
    """

    state: State
    wait: Wait | None = None
    attempt: int = 1
    error: CoreError | None = None
    save_error: CoreError | None = None


class Run(Generic[Config]):
    """One run of a topic's training function, live or loaded from disk. Safe to use from any thread.

    ``topic`` is the name of the topic, and ``config`` holds the settings with which the run begins. ``title`` is the
    user-visible name of these settings. ``owner`` is the id of the user who started the run.
    """

    def __init__(self, run_id: str, topic: str, config: Config, *, title: str, owner: str = ""):
        self.id, self.topic, self.config, self.title, self.owner = run_id, topic, config, title, owner
        self.short = False
        """Whether the run queues with the short runs."""
        self.estimated_seconds = 0.0
        """Training time in seconds, estimated when the run was submitted."""
        self.work: Callable[[int, int], float] = lambda step, _total: step
        """Function of (step, total) that returns the work done so far (see `Topic.work`)."""
        self.changes: list[Change] = []
        """The settings that were changed during training."""
        self.interrupted = False
        """Whether the run is paused because its server stopped, not because a user paused it."""
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
        self.notice: CoreError | None = None
        """A problem that does not prevent the run from continuing."""
        self.events: list[Progress] = []
        self.changed = threading.Condition()
        self.find_wait: Callable[[Run], Wait] = lambda run: Wait(0, 0.0)
        self.on_command: Callable[[Run], None] = lambda run: None
        self.trained_seconds = 0.0
        """Seconds of training before the last pause."""
        self.hardware = ""
        """The CPU or GPU that trained the run, and its device type. Empty for old saved runs."""
        self._resumed_at: float | None = None
        self._first_update: tuple[int, float] | None = None
        self._latest_elapsed = 0.0
        """Seconds of training when the newest event arrived."""
        self._shared: CurrentWeights | None = None
        self._answered = 0

    @property
    def settings(self) -> Config:
        """The current settings: the config with all changes applied."""
        return changed_settings(self.config, self.command.changes)

    @property
    def status(self) -> Status:
        """The current `Status`."""
        paused = self.is_suspended or (self.state is State.RUNNING and self.command.paused)
        state = State.PAUSED if paused else self.state
        wait = self.find_wait(self) if state is State.QUEUED else None
        return Status(state, wait, max(1, self.attempt), self.error, self.save_error)

    @property
    def is_suspended(self) -> bool:
        """Whether the run is paused and has no worker. `resume` and `step` request a worker."""
        if self.checkpoint is None or self.state is not State.QUEUED:
            return False
        return self.command.paused and self.command.steps <= self.checkpoint.steps

    @property
    def elapsed(self) -> float:
        """Seconds of training, excluding pauses."""
        since = self._resumed_at
        return self.trained_seconds + (time.monotonic() - since if since is not None else 0)

    @property
    def seconds_left(self) -> float | None:
        """Estimated remaining training time in seconds, or None if too few updates have been made for an estimate."""
        latest = self.latest
        if not latest or not self._first_update or latest.step <= self._first_update[0]:
            return None
        step, elapsed = self._first_update
        first, done, all_work = (self.work(at, latest.total) for at in (step, latest.step, latest.total))
        left = (self._latest_elapsed - elapsed) / (done - first) * (all_work - done)
        return max(0.0, left - (self.elapsed - self._latest_elapsed))  # counts down until the next event

    @property
    def expected_seconds_left(self) -> float:
        """`seconds_left` or, if that is None, the remaining part of the initial estimate."""
        left = self.seconds_left
        return max(0.0, self.estimated_seconds - self.elapsed) if left is None else left

    @property
    def latest(self) -> Progress | None:
        """The newest event, or None if there is none."""
        events = self.events
        return events[-1] if events else None

    @property
    def result(self) -> TrainedModel | None:
        """The weights and final metrics of the run, or None if the run has not ended or has no saved weights."""
        if self.weights is None:
            return None
        return TrainedModel(safetensors.torch.load(self.weights), self.metrics)

    def current_weights(self, timeout: float = 1.0) -> CurrentWeights | None:
        """Return the newest weights of the run, or None if there are no weights yet.

        If a worker is training the run, this method requests the current weights and waits at most ``timeout`` seconds
        for them. If there is no worker or the weights do not arrive in time, it returns the last weights received.
        """
        if self.state is State.RUNNING and self.latest and not (self._shared and self._shared.step == self.latest.step):
            self._update_command(requests=self.command.requests + 1)
            wanted = self.command.requests
            with self.changed:
                self.changed.wait_for(lambda: self._answered >= wanted or self.state is not State.RUNNING, timeout)
        return self.last_weights()

    def last_weights(self) -> CurrentWeights | None:
        """Return the newest weights received from a worker so far, or None if there are none."""
        if self.weights is not None:
            return CurrentWeights(self.latest.step if self.latest else 0, self.weights)
        known, checkpoint = [self._shared] if self._shared else [], self.checkpoint
        if checkpoint and 0 < checkpoint.events <= len(self.events):
            with contextlib.suppress(OSError):
                if weights := contents(checkpoint.weights):
                    known.append(CurrentWeights(self.events[checkpoint.events - 1].step, weights))
        return max(known, key=lambda one: one.step, default=None)

    def history(self, since: int = 0) -> list[Progress]:
        """Return the events of the run, starting with the event at index ``since``."""
        return self.events[since:]

    def pause(self) -> None:
        """Pause training until `resume` or `step` is called."""
        self._update_command(paused=True)

    def resume(self) -> None:
        """Resume a paused run."""
        self._update_command(paused=False, suspended=False)

    def step(self) -> None:
        """Train until the next event, then pause."""
        self._update_command(paused=True, steps=self.command.steps + 1, suspended=False)

    def change(self, **values: Any) -> None:
        """Change settings, given as keyword arguments. A run that is training uses the new values after its next event.

        Raises pydantic.ValidationError if the new settings are invalid.
        """
        changes = (*self.command.changes, *values.items())
        changed_settings(self.config, changes)  # raises an error for invalid settings
        self._update_command(changes=changes)

    def stop(self, reason: CoreError | None = None) -> None:
        """Stop training and keep the history.

        ``reason`` is the engine's reason for stopping the run, or None if a user stops the run.
        """
        if not self.command.stopped:
            self.reason = reason
        self._update_command(stopped=True)

    def begin(self, events: int = 0, changes: Iterable[Change] = (), hardware: str = "") -> None:
        """Record that a worker starts or continues training on ``hardware`` (a CPU or GPU).

        The run keeps its first ``events`` events and the changes to settings in ``changes``. All other events and
        changes are removed, because they came from a lost worker. If ``events`` is 0, training starts from the
        beginning.
        """
        self.hardware = hardware
        self.started = self.started or time.time()
        self.attempt += self.state is State.RUNNING or not self.attempt
        self.events, self.changes = self.events[:events], list(changes)
        self.state, self.interrupted, self.notice = State.RUNNING, False, None
        self._first_update = self._shared = None
        if events:
            self._count_time(running=not self.command.paused)
        else:
            self.trained_seconds, self._resumed_at = 0.0, None

    def suspend(self, checkpoint: Checkpoint) -> None:
        """Record that the run has left its worker, because the run is paused or will continue on another worker.

        ``checkpoint`` is the point from which the run resumes.
        """
        self._count_time(running=False)
        self.checkpoint, self.state = checkpoint, State.QUEUED
        self.command = self.command._replace(suspended=False)

    def begin_again(self, *, died: bool) -> None:
        """Record that the run cannot continue on its worker and is waiting for another worker.

        If ``died`` is true, the worker died. Otherwise, the cluster was lost, or the saved state was damaged.
        """
        self.attempt = max(1, self.attempt) + died
        self.suspend(self.checkpoint or Checkpoint())

    def restore(self, checkpoint: Checkpoint) -> None:
        """Record that an unfinished run was loaded from disk.

        The run is paused at ``checkpoint``, its newest saved state.
        """
        self.command = self.command._replace(paused=True, steps=checkpoint.steps)
        self.events = self.events[: checkpoint.events]
        self.notice = CoreError("server_restarted") if self.interrupted else None
        self.suspend(checkpoint)

    def reopen(self, checkpoint: Checkpoint, changes: Mapping[str, Any], *, paused: bool) -> None:
        """Record that a finished run continues from ``checkpoint`` with changed settings.

        ``changes`` maps the names of settings to their new values. If ``paused`` is true, the run waits for `step` or
        `resume`.
        """
        with self.changed:
            self.command = Command(
                paused=paused,
                steps=checkpoint.steps,
                changes=(*self.command.changes, *changes.items()),
                requests=self.command.requests,
            )
            self.weights, self.metrics, self.finished, self.attempt = None, {}, None, 1
            self.suspend(checkpoint)

    def take_over_changes(self, changes: list[Change]) -> None:
        """Apply ``changes``, the saved changes to the settings of this run."""
        self.changes = changes
        self.command = self.command._replace(changes=tuple((change.name, change.value) for change in changes))

    def answer(self, weights: CurrentWeights | None) -> None:
        """Record a worker's response to a request for weights. ``weights`` is None if the worker has no weights yet."""
        self._answered, self._shared = self.command.requests, weights or self._shared

    def leave_worker(self) -> None:
        """Make a paused run release its worker."""
        self._update_command(suspended=True)

    def add(self, events: list[Progress]) -> None:
        """Append events from the worker. Training time is measured from the first event."""
        if not self.events and not self.command.paused:
            self._resumed_at = time.monotonic()
        self.events.extend(events)
        self._latest_elapsed = self.elapsed
        if self.events and self.events[-1].step and not self._first_update:
            self._first_update = self.events[-1].step, self.elapsed

    def end(self, state: State, error: CoreError | None = None) -> None:
        """Record that the run has ended in a final state.

        ``error`` is the reason why the run failed or was stopped by the engine, or None.
        """
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
        self.trained_seconds = self.elapsed
        self._resumed_at = time.monotonic() if running else None
