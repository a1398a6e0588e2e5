"""The training of one run inside a Dask worker, with its control flag and the sender of its events."""

import random
import threading
import uuid
from enum import Enum, auto
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import torch
from distributed import Worker, WorkerPlugin, get_worker

from core.engine.messages import encode, pack
from core.training.config import RunConfig
from core.training.progress import Metrics, Progress, TrainFunction
from core.training.state import TrainingState

EVENTS = "playground-events"  # the topic of Dask that runs send their events to
_PLUGIN = "playground-runs"
_FLUSH = 0.05  # seconds between two messages of events


class Command(NamedTuple):
    """The whole wanted state of a run. Sending it twice changes nothing."""

    paused: bool = False
    stopped: bool = False
    steps: int = 0
    """Number of single steps since the run was submitted."""
    suspended: bool = False
    """Whether a paused run leaves its worker to others."""


class Checkpoint(NamedTuple):
    """Where a run goes on after it has left its worker."""

    state: bytes | Path | None = None
    """The state of the training, or a file with it; None before its first event."""
    events: int = 0
    """Number of events so far."""
    steps: int = 0
    """Number of single steps so far."""


class Outcome(NamedTuple):
    """What a worker returns for a run that ended, was stopped, or was suspended."""

    events: int
    weights: bytes | None = None
    """The trained weights as safetensors, of a run that ended."""
    metrics: Metrics | None = None
    checkpoint: Checkpoint | None = None
    """Where a suspended run goes on."""


class Verdict(Enum):
    """What the training thread has to do next."""

    PROCEED = auto()
    STOP = auto()
    SUSPEND = auto()


class Control:
    """A local flag: the training thread waits for it, other threads set it."""

    def __init__(self, command: Command, steps_done: int = 0):
        self._changed = threading.Condition()
        self._command, self.steps_done = command, steps_done

    def set(self, command: Command) -> None:
        """Replace the command."""
        with self._changed:
            self._command = command
            if not command.paused:
                self.steps_done = command.steps
            self._changed.notify_all()

    def proceed(self) -> Verdict:
        """Wait while the run is paused and has no step left; return what to do then."""
        with self._changed:
            while self._is_at_rest and not (self._command.stopped or self._command.suspended):
                self._changed.wait()
            if self._command.stopped:
                return Verdict.STOP
            if self._is_at_rest:
                return Verdict.SUSPEND
            self.steps_done += self._command.paused
            return Verdict.PROCEED

    @property
    def _is_at_rest(self) -> bool:
        return self._command.paused and self.steps_done >= self._command.steps


class RunPlugin(WorkerPlugin):
    """Holds the controls of the runs on its worker, and loads the optimizers before the first run."""

    name = _PLUGIN

    def __init__(self):
        self.controls: dict[str, Control] = {}

    def setup(self, worker: Worker) -> None:
        """Load the optimizers in the background, so that the first run does not wait for them."""
        threading.Thread(target=warm_up, daemon=True).start()


def set_command(run_id: str, command: Command, dask_worker: Worker) -> None:
    """Set the command of a run; runs on the worker that trains it, in another thread."""
    if control := _controls(dask_worker).get(run_id):
        control.set(command)


def warm_up() -> None:
    """Load what the first step of an optimizer loads (about a second)."""
    torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1).step()


def prepare(config: RunConfig) -> None:
    """Set torch's threads and all random seeds from the config, so that a run can be repeated."""
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    np.random.seed(config.seed)  # noqa: NPY002 (what libraries draw from)
    random.seed(config.seed)


def execute(run_id: str, train: TrainFunction, config: RunConfig, command: Command, checkpoint: Checkpoint) -> Outcome:
    """Train in this worker, from the seed or the checkpoint to the end; send events and follow the commands."""
    worker = get_worker()
    controls = _controls(worker)
    controls[run_id] = control = Control(command, checkpoint.steps)
    sender = _Sender(worker, run_id, checkpoint.events)
    state = TrainingState.load(checkpoint.state) if checkpoint.state else TrainingState()
    training = train(config, state)
    try:
        prepare(config)
        while (verdict := control.proceed()) is Verdict.PROCEED:
            try:
                sender.send(next(training))
            except StopIteration as end:
                return Outcome(sender.close(), pack(end.value.weights), dict(end.value.metrics))
        events = sender.close()
        if verdict is Verdict.STOP:
            return Outcome(events)
        return Outcome(events, checkpoint=Checkpoint(state.save() if events else None, events, control.steps_done))
    finally:
        training.close()
        sender.close()
        del controls[run_id]


def _controls(worker: Worker) -> dict[str, Control]:
    """Return the controls of the runs on a worker."""
    return cast(RunPlugin, worker.plugins[_PLUGIN]).controls


class _Sender:
    """Sends events in batches from a thread of its own, so that training never waits for a message."""

    def __init__(self, worker: Worker, run_id: str, events: int):
        self._worker = worker
        self._head = {"run": run_id, "attempt": uuid.uuid4().hex, "worker": worker.address}
        self._waiting: list[Progress] = []
        self._swapping = threading.Lock()
        self._count = events
        self._closing = threading.Event()
        self._worker.log_event(EVENTS, self._head | {"started": True, "events": events})
        self._thread = threading.Thread(target=self._flush_regularly, daemon=True)
        self._thread.start()

    def send(self, event: Progress) -> None:
        with self._swapping:
            self._waiting.append(event)
            self._count += 1

    def close(self) -> int:
        """Send the remaining events; return the number of all events of the run."""
        if not self._closing.is_set():
            self._closing.set()
            self._thread.join()
            self._flush()
        return self._count

    def _flush_regularly(self) -> None:
        while not self._closing.wait(_FLUSH):
            self._flush()

    def _flush(self) -> None:
        with self._swapping:
            waiting, self._waiting = self._waiting, []
        if waiting:
            self._worker.log_event(EVENTS, self._head | {"events": [encode(event) for event in waiting]})
