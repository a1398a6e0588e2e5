"""Objects shared by all sessions: the training engine and the recordings that ship with the app."""

import threading
from contextlib import suppress
from functools import cache

import torch

from core.engine import Engine, Run, RunStore, warm_up
from core.paths import CHECKPOINTS, RUNS
from core.training import timing
from pages.components import turns

prepared = threading.Event()
"""Set when `pages.warm_up` has prepared the pages. Durations that are measured earlier would be too long."""
_starting = threading.Lock()


def engine() -> Engine:
    """Return the training engine of this server. The first call starts the engine, which takes about a second."""
    with _starting:
        return _start()


@cache
def recording(name: str) -> Run:
    """Return the recording called ``name``, a run in checkpoints/ that ships with the app.

    Raises CoreError "run_unknown", "run_removed", or "run_damaged".
    """
    return RunStore(CHECKPOINTS).load(name)


@cache
def _start() -> Engine:
    # Evaluation shares the processor with training, so it uses only one thread
    torch.set_num_threads(1)
    threading.Thread(target=warm_up, daemon=True).start()
    started = Engine(folder=RUNS)
    timing.background = timing.BackgroundMeasuring(
        lambda: prepared.is_set() and started.is_idle and not turns.n_drawing()
    )
    timing.background.start()
    with suppress(timing.NotMeasuredError):  # from now on, measurements run in the background
        timing.machine_speed()
    return started
