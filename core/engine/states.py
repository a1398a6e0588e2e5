"""The saved states of runs: files from which a run goes on after a pause, a dead worker or a restart of the server."""

import contextlib
import shutil
import time
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from core.engine.messages import pack
from core.training.state import TrainingState

MIN_INTERVAL = 5.0
"""Seconds of training, at least, between two saved states."""
COST = 0.02
"""Share of the training time that saving may take."""
MAX_MESSAGE = 32_000_000
"""Bytes of a state, at most, that a worker on another machine sends while it trains."""
_BYTES_PER_SECOND = 2e8  # assumed until a state has been saved
_KEPT = 2  # states of a run: where the newest is damaged, the one before it is used


class Checkpoint(NamedTuple):
    """Where a run goes on: its state and its current weights, in files or in memory; None before its first event."""

    state: bytes | Path | None = None
    weights: bytes | Path | None = None
    """The current weights as safetensors, where the topic has such."""
    events: int = 0
    """Number of events so far."""
    steps: int = 0
    """Number of single steps so far."""


def packed_weights(state: TrainingState) -> bytes | None:
    """Return the current weights of a run in training as safetensors, where its topic has such."""
    return pack(state.current_weights()) if state.current_weights else None


def contents(saved: bytes | Path | None) -> bytes | None:
    """Return what was saved. Raises OSError for a file that cannot be read."""
    return saved.read_bytes() if isinstance(saved, Path) else saved


def write(folder: Path, checkpoint: Checkpoint) -> Checkpoint:
    """Write a state that is in memory into the folder of its run, and remove all but the newest ones.

    Returns where it lies now. Raises OSError; then the states before it are still there.
    """
    name = f"{checkpoint.events}-{checkpoint.steps}"
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, Path | None] = {}
    for part in ("weights", "state"):
        files[part], value = None, getattr(checkpoint, part)
        if value is None:
            continue
        temporary = folder / "saving"
        try:
            temporary.write_bytes(value)
            files[part] = temporary.replace(folder / f"{name}.{part}")
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
    for old in read(folder)[_KEPT:]:
        discard(old)
    return checkpoint._replace(state=files["state"], weights=files["weights"])


def read(folder: Path) -> list[Checkpoint]:
    """Return the states in the folder of a run, newest first."""
    found = []
    for file in folder.glob("*-*.state"):
        events, steps = map(int, file.stem.split("-"))
        weights = file.with_suffix(".weights")
        found.append(Checkpoint(file, weights if weights.exists() else None, events, steps))
    return sorted(found, key=lambda checkpoint: (checkpoint.events, checkpoint.steps), reverse=True)


def discard(checkpoint: Checkpoint) -> None:
    """Remove the files of a state."""
    for file in (checkpoint.state, checkpoint.weights):
        if isinstance(file, Path):
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)


def size(folder: Path) -> int:
    """Return the bytes of all states in the folder of a run; 0 if there is none."""
    with contextlib.suppress(OSError):
        return sum(file.stat().st_size for file in folder.iterdir())
    return 0


def remove_oldest(parent: Path, *, most: int, keep: Collection[str]) -> None:
    """Remove the folders of states that were saved first, until they have at most so many bytes, but not those of
    the runs ``keep``.
    """
    folders = sorted((folder for folder in parent.glob("*") if folder.is_dir()), key=lambda one: one.stat().st_mtime)
    sizes = {folder: size(folder) for folder in folders}
    total = sum(sizes.values())
    for folder in folders:
        if total <= most:
            return
        if folder.name not in keep:
            shutil.rmtree(folder, ignore_errors=True)
            total -= sizes[folder]


class Saver:
    """Saves the state of a run in training, into a folder or in memory, often enough and at little cost.

    The interval follows from the size of the state, and then from the time that saving took.
    """

    def __init__(self, state: TrainingState, folder: Path | None, min_interval: float = MIN_INTERVAL):
        self._state, self._folder, self._min_interval = state, folder, min_interval
        self._next = time.monotonic() + min_interval
        self._is_first = True

    def is_due(self) -> bool:
        """Return whether the state is to be saved now."""
        now = time.monotonic()
        if now < self._next:
            return False
        if self._is_first:
            self._is_first, size = False, self._state.size
            self._next += interval(size, self._min_interval) - self._min_interval
            if self._folder is None and size > MAX_MESSAGE:
                self._next = float("inf")
        return now >= self._next

    def save(self, events: int, steps: int) -> Checkpoint:
        """Save the state, in memory if it cannot be written."""
        began = time.monotonic()
        checkpoint = Checkpoint(self._state.save(), packed_weights(self._state), events, steps)
        if self._folder:
            with contextlib.suppress(OSError):
                checkpoint = write(self._folder, checkpoint)
        now = time.monotonic()
        self._next = now + max(self._min_interval, (now - began) / COST)
        return checkpoint


def interval(size: int, min_interval: float = MIN_INTERVAL) -> float:
    """Return the seconds between two savings of a state of so many bytes, before any has been timed."""
    return max(min_interval, size / _BYTES_PER_SECOND / COST)
