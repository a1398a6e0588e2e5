"""Unfinished runs on disk, which a restarted server restores with their states."""

import logging
import shutil
from pathlib import Path

from core.engine import states
from core.engine.run import Run
from core.engine.run_files import read_run, write_run
from core.engine.states import Checkpoint

logger = logging.getLogger(__name__)


class UnfinishedRuns:
    """The unfinished runs and their states on disk. ``folder`` is the folder of all runs. Not safe for concurrent use.

    Write errors are logged. The data that could not be written stays in memory until the server stops.
    """

    def __init__(self, folder: Path):
        self._runs, self._states = folder.absolute() / ".unfinished", folder.absolute() / ".states"

    def save(self, run: Run) -> None:
        """Save the settings and the events of a run."""
        try:
            self._runs.mkdir(parents=True, exist_ok=True)
            write_run(run, self._runs)
        except OSError as problem:
            logger.warning("Run %s, which has not ended, was not saved: %s", run.id, problem)

    def save_state(self, run_id: str, checkpoint: Checkpoint) -> Checkpoint:
        """Write a run's state from memory to disk, and return the checkpoint with paths in place of bytes.

        The checkpoint is returned unchanged if its state is not in memory or cannot be written.
        """
        if not isinstance(checkpoint.state, bytes):
            return checkpoint
        try:
            return states.write(self.states_of(run_id), checkpoint)
        except OSError as problem:
            logger.warning("The state of run %s was not saved: %s", run_id, problem)
            return checkpoint

    def load(self) -> list[Run]:
        """Return the unfinished runs, oldest first, each paused at its newest saved state. Delete damaged runs."""
        runs = []
        for folder in self._runs.glob("[!.]*"):
            try:
                run = read_run(folder)
            except Exception as problem:  # damaged files raise nearly any exception
                logger.warning("The unfinished run %s cannot be read: %s", folder.name, problem)
                shutil.rmtree(folder, ignore_errors=True)
                continue
            saved = (one for one in self.checkpoints(run.id) if one.events <= len(run.events))
            run.restore(next(saved, Checkpoint()))
            runs.append(run)
        return sorted(runs, key=lambda run: run.created)

    def checkpoints(self, run_id: str) -> list[Checkpoint]:
        """Return the saved checkpoints of a run, newest first."""
        return states.read(self.states_of(run_id))

    def states_of(self, run_id: str) -> Path:
        """Return the folder of a run's states."""
        return self._states / run_id

    def remove(self, run_id: str, *, keep_state: bool = False) -> None:
        """Remove the files of a run that has ended.

        If ``keep_state`` is true, the saved states are kept, so that the run can still be trained for longer.
        """
        shutil.rmtree(self._runs / run_id, ignore_errors=True)
        if not keep_state:
            shutil.rmtree(self.states_of(run_id), ignore_errors=True)

    def remove_oldest_states(self, *, most: int, keep: set[str]) -> None:
        """Remove the oldest states until the total size of all states is at most ``most`` bytes.

        The states of runs whose ids are in ``keep`` are not removed.
        """
        states.remove_oldest(self._states, most=most, keep=keep)
