"""Saved states, from which runs resume after a pause, a worker's death, or a server restart."""

import contextlib
import shutil
import time
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from core.engine.messages import pack
from core.training.state import TrainingState

MIN_INTERVAL = 5.0
"""Minimum seconds of training between two saved states."""
COST = 0.02
"""Maximum fraction of the training time spent on saving."""
MAX_MESSAGE = 32_000_000
"""Maximum size in bytes of a state that a worker on another machine sends during training."""
_BYTES_PER_SECOND = 2e8  # speed of saving, assumed until a state has been saved
_KEPT = 2  # states per run: if the newest is damaged, the previous one is used


class Checkpoint(NamedTuple):
    """The point from which a run resumes.

    ``state`` and ``weights`` are bytes in memory, or paths of files. Both are None before the first event.
    """

    state: bytes | Path | None = None
    weights: bytes | Path | None = None
    """The current weights as safetensors, or None if the topic has no weights."""
    events: int = 0
    """Number of events so far."""
    steps: int = 0
    """Number of single steps so far."""


def packed_weights(state: TrainingState) -> bytes | None:
    """Return the current weights of a run as bytes in the safetensors format, or None if there are no weights."""
    return pack(state.current_weights()) if state.current_weights else None


def contents(saved: bytes | Path | None) -> bytes | None:
    """Return ``saved`` itself, or the content of the file if ``saved`` is a path.

    Raises OSError if the file cannot be read.
    """
    return saved.read_bytes() if isinstance(saved, Path) else saved


def write(folder: Path, checkpoint: Checkpoint) -> Checkpoint:
    """Write a checkpoint from memory to files in ``folder``, and remove all but the two newest checkpoints there.

    ``folder`` holds the states of one run. Returns the checkpoint with paths in place of bytes. Raises OSError if a
    file cannot be written; the earlier checkpoints are then kept.
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
    """Return the checkpoints of one run, newest first. ``folder`` holds the states of the run."""
    found = []
    for file in folder.glob("*-*.state"):
        events, steps = map(int, file.stem.split("-"))
        weights = file.with_suffix(".weights")
        found.append(Checkpoint(file, weights if weights.exists() else None, events, steps))
    return sorted(found, key=lambda checkpoint: (checkpoint.events, checkpoint.steps), reverse=True)


def discard(checkpoint: Checkpoint) -> None:
    """Remove the files of a checkpoint."""
    for file in (checkpoint.state, checkpoint.weights):
        if isinstance(file, Path):
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)


def size(folder: Path) -> int:
    """Return the total size, in bytes, of the files in ``folder``. ``folder`` holds the states of one run."""
    with contextlib.suppress(OSError):
        return sum(file.stat().st_size for file in folder.iterdir())
    return 0


def remove_oldest(parent: Path, *, most: int, keep: Collection[str]) -> None:
    """Remove the oldest folders of states in ``parent`` until the total size is at most ``most`` bytes.

    Each folder holds the states of one run and is named after the run's id. Folders whose names are in ``keep`` are not
    removed.
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
    """A schedule for saving a run's state during training. The time spent on saving is limited (see `COST`).

    States are saved to ``folder``, or kept in memory if ``folder`` is None. The time until the first save depends on
    the size of the state. The time until each later save depends on the duration of the previous save. Both times are
    at least ``min_interval`` seconds.
    """

    def __init__(self, state: TrainingState, folder: Path | None, min_interval: float = MIN_INTERVAL):
        self._state, self._folder, self._min_interval = state, folder, min_interval
        self._next = time.monotonic() + min_interval
        self._is_first = True

    def is_due(self) -> bool:
        """Return whether it is time to save the state."""
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
        """Save the current state, and return its checkpoint.

        ``events`` and ``steps`` are the numbers of events and of single steps (see `Run.step`) so far. If there is no
        folder, or if writing to the folder fails, the checkpoint holds the state in memory.
        """
        began = time.monotonic()
        checkpoint = Checkpoint(self._state.save(), packed_weights(self._state), events, steps)
        if self._folder:
            with contextlib.suppress(OSError):
                checkpoint = write(self._folder, checkpoint)
        now = time.monotonic()
        self._next = now + max(self._min_interval, (now - began) / COST)
        return checkpoint


def interval(size: int, min_interval: float = MIN_INTERVAL) -> float:
    """Return the time in seconds from the start of training to the first save.

    ``size`` is the size of the state in bytes.
    """
    return max(min_interval, size / _BYTES_PER_SECOND / COST)
