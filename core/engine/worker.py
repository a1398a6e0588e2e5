"""Execute a run in a Dask worker: follow commands, send events, and save states."""

import ctypes
import os
import random
import threading
import uuid
from collections.abc import Callable
from enum import Enum, auto
from functools import wraps
from pathlib import Path
from typing import Any, Literal, NamedTuple, ParamSpec, cast

import numpy as np
import torch
from distributed import Worker, WorkerPlugin, get_worker

from core.engine.messages import encode, pack
from core.engine.states import MIN_INTERVAL, Checkpoint, Saver, packed_weights
from core.training.config import RunConfig
from core.training.device import hardware
from core.training.progress import Metrics, TrainFunction
from core.training.state import TrainingState

Parameters = ParamSpec("Parameters")

EVENTS = "playground-events"  # the Dask topic for the events of runs
STEPS = "steps"
"""The lane for single steps of runs without a worker."""
_PLUGIN = "playground-runs"
_FLUSH = 0.05  # seconds between two messages with events


class Command(NamedTuple):
    """The complete desired state of a run. Sending the same command again has no effect."""

    paused: bool = False
    stopped: bool = False
    steps: int = 0
    """Number of single steps since the run was submitted."""
    suspended: bool = False
    """Whether a paused run releases its worker."""
    changes: tuple[tuple[str, Any], ...] = ()
    """Settings changed since the run was submitted, as (name, new value) pairs."""
    requests: int = 0
    """Number of requests for the current weights."""


class Outcome(NamedTuple):
    """The result that a worker returns when a run ends or leaves the worker.

    ``events`` is the total number of events of the run.
    """

    end: Literal["done", "stopped", "suspended"]
    events: int
    weights: bytes | None = None
    """The trained weights as safetensors, or the current weights of a stopped run."""
    metrics: Metrics | None = None
    checkpoint: Checkpoint | None = None
    """The state from which a suspended run resumes, or from which a finished run can be trained for longer."""


class Verdict(Enum):
    """The next action of the thread that trains a run."""

    PROCEED = auto()
    SHARE = auto()
    """Send the current weights."""
    STOP = auto()
    SUSPEND = auto()


class Control:
    """A controller for one run. The thread that trains the run obeys the command that other threads set."""

    def __init__(self, command: Command, *, steps_done: int = 0, changes_done: int = 0, only_steps: bool = False):
        """Create the control with a first command.

        ``steps_done`` and ``changes_done`` count the single steps and the changes that earlier workers have carried
        out. If ``only_steps`` is true, the run leaves the worker as soon as the run is no longer paused.
        """
        self._changed = threading.Condition()
        self._command, self.steps_done, self._changes_done = command, steps_done, changes_done
        self._only_steps, self._requests_done = only_steps, command.requests

    def set(self, command: Command) -> None:
        """Replace the command, and wake the training thread."""
        with self._changed:
            self._command = command
            if not command.paused:
                self.steps_done = command.steps
            self._changed.notify_all()

    def proceed(self) -> Verdict:
        """Wait while the run is paused and no action is pending, then return the next action."""
        with self._changed:
            while self.is_at_rest and not (self._command.stopped or self._command.suspended or self._is_asked):
                self._changed.wait()
            if self._command.stopped:
                return Verdict.STOP
            if self._is_asked:
                self._requests_done = self._command.requests
                return Verdict.SHARE
            if self.is_at_rest or (self._only_steps and not self._command.paused):
                return Verdict.SUSPEND
            self.steps_done += self._command.paused
            return Verdict.PROCEED

    def new_changes(self) -> tuple[tuple[str, Any], ...]:
        """Return the settings changed since the last call, as (name, value) pairs."""
        with self._changed:
            changes = self._command.changes[self._changes_done :]
            self._changes_done += len(changes)
            return changes

    @property
    def is_at_rest(self) -> bool:
        """Whether the run is paused and has completed all requested single steps."""
        return self._command.paused and self.steps_done >= self._command.steps

    @property
    def _is_asked(self) -> bool:
        return self._command.requests > self._requests_done


class RunPlugin(WorkerPlugin):
    """A Dask plugin that holds the `Control` of each run, and loads PyTorch's optimizers in advance."""

    name = _PLUGIN

    def __init__(self, *, niceness: int = 0, save_interval: float = MIN_INTERVAL):
        """Set the priority and the save interval.

        A positive ``niceness`` gives other processes priority. It is not applied to workers for single steps, because a
        user is waiting for these steps. ``save_interval`` is the minimum time in seconds between two saved states of a
        run.
        """
        self.niceness, self.save_interval, self.controls = niceness, save_interval, dict[str, Control]()

    def setup(self, worker: Worker) -> None:
        """Set the priority of the worker, and load PyTorch's optimizers in the background.

        Dask calls this method when the worker starts.
        """
        if self.niceness and STEPS not in worker.state.total_resources and hasattr(os, "nice"):
            os.nice(self.niceness)  # for this thread and the training threads that it starts
        threading.Thread(target=warm_up, daemon=True).start()


def set_command(run_id: str, command: Command, dask_worker: Worker) -> None:
    """Set the command for a run that this worker is training. Has no effect if the run has left the worker.

    This function is not called in the training thread.
    """
    if control := _plugin(dask_worker).controls.get(run_id):
        control.set(command)


def warm_up() -> None:
    """Import the modules that the first optimizer step needs. The import takes about a second."""
    torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1).step()


def prepare(config: RunConfig) -> None:
    """Set the number of PyTorch threads and all random seeds from ``config``, so that a run is reproducible."""
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    np.random.seed(config.seed)  # noqa: NPY002 (used by libraries)
    random.seed(config.seed)


def _releasing_memory(function: Callable[Parameters, Outcome]) -> Callable[Parameters, Outcome]:
    """Decorate a function: after each call, return free memory to the system, if the C library can do so.

    Runs of different sizes would otherwise fragment the memory.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None

    @wraps(function)
    def call(*arguments: Parameters.args, **options: Parameters.kwargs) -> Outcome:
        try:
            return function(*arguments, **options)
        finally:
            if trim:
                trim(0)

    return call


@_releasing_memory
def execute(
    run_id: str,
    train: TrainFunction,
    config: RunConfig,
    command: Command,
    checkpoint: Checkpoint,
    folder: Path | None = None,
    only_steps: bool = False,
) -> Outcome:
    """Execute a run in this worker, from the start or from ``checkpoint``, until the run ends or leaves the worker.

    Sends events and follows commands. States are saved to ``folder``. If the worker may be on another machine,
    ``folder`` is None, and states are sent to the server instead. If ``only_steps`` is true, the run leaves the worker
    as soon as the run is no longer paused. Raises CoreError "state_damaged" or "device_missing".
    """
    worker, trained_on = get_worker(), hardware(config)
    plugin = _plugin(worker)
    state = TrainingState.load(checkpoint.state) if checkpoint.state else TrainingState()
    plugin.controls[run_id] = control = Control(
        command, steps_done=checkpoint.steps, changes_done=len(state.changes), only_steps=only_steps
    )
    sender = _Sender(worker, run_id)
    sender.begin(checkpoint.events, [tuple(change) for change in state.changes], trained_on)
    saver, training = Saver(state, folder, plugin.save_interval), train(config, state)
    try:
        prepare(config)
        while (verdict := control.proceed()) in (Verdict.PROCEED, Verdict.SHARE):
            if verdict is Verdict.SHARE:
                sender.send("weights", [state.step, packed_weights(state)])
                sender.hurry()
                continue
            for name, value in control.new_changes():
                state.change(name, value)
                sender.send("change", tuple(state.changes[-1]))
            try:
                event = next(training)
            except StopIteration as end:
                goes_on = "epochs" in config.live and not state.ended and folder is not None
                last = saver.save(sender.count, control.steps_done) if goes_on else None
                return Outcome("done", sender.close(), pack(end.value.weights), dict(end.value.metrics), last)
            sender.send("event", event)
            if control.is_at_rest:
                sender.hurry()
            if saver.is_due():
                sender.send("checkpoint", list(map(_as_text, saver.save(sender.count, control.steps_done))))
        if verdict is Verdict.STOP:
            return Outcome("stopped", sender.close(), packed_weights(state))
        events, saved = sender.close(), Checkpoint(steps=control.steps_done)
        return Outcome("suspended", events, checkpoint=saver.save(events, control.steps_done) if events else saved)
    finally:
        training.close()
        sender.close()
        del plugin.controls[run_id]


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, Path) else value


def _plugin(worker: Worker) -> RunPlugin:
    return cast(RunPlugin, worker.plugins[_PLUGIN])


class _Sender:
    """A sender of messages in batches, from a separate thread, so that training never waits for the network.

    A message is an "event", an applied "change", requested "weights" with their step, or a "checkpoint".
    """

    def __init__(self, worker: Worker, run_id: str):
        self._worker = worker
        self._head = {"run": run_id, "attempt": uuid.uuid4().hex, "worker": worker.address}
        self._waiting: list[tuple[str, Any]] = []
        self._swapping = threading.Lock()
        self.count = 0
        """Number of all events of the run."""
        self._closing, self._due = False, threading.Event()
        self._thread = threading.Thread(target=self._flush_regularly, daemon=True)

    def begin(self, events: int, changes: list[tuple[int, str, Any]], trained_on: str) -> None:
        """Announce that training starts, with the number of past events, the changed settings, and the hardware."""
        self.count = events
        started = {"started": True, "events": events, "changes": changes, "hardware": trained_on}
        self._worker.log_event(EVENTS, self._head | started)
        self._thread.start()

    def send(self, kind: str, value: Any) -> None:
        with self._swapping:
            self._waiting.append((kind, value))
            self.count += kind == "event"

    def hurry(self) -> None:
        """Send the pending messages without delay, because a user is waiting for them."""
        self._due.set()

    def close(self) -> int:
        """Send the remaining messages and return the total number of events of the run."""
        if not self._closing:
            self._closing = True
            self._due.set()
            self._thread.join()
            self._flush()
        return self.count

    def _flush_regularly(self) -> None:
        while not self._closing:
            self._due.wait(_FLUSH)
            self._due.clear()
            self._flush()

    def _flush(self) -> None:
        with self._swapping:
            waiting, self._waiting = self._waiting, []
        if waiting:
            news = [(kind, encode(value) if kind == "event" else value) for kind, value in waiting]
            self._worker.log_event(EVENTS, self._head | {"news": news})
