"""Objects that all sessions share: the engine that trains, and the recordings that ship with the app."""

import gc
import threading
import time
from functools import cache

import torch

from core.engine import Engine, Run, RunStore, warm_up
from core.paths import CHECKPOINTS, RUNS
from core.training import timing

_FREEZE = 1.0  # seconds between two times that living objects are frozen
_FULL_COLLECTION = 120.0  # seconds between two collections of all objects
_starting = threading.Lock()


def engine() -> Engine:
    """Return the engine of this server. The first call starts it (about a second)."""
    with _starting:
        return _start()


@cache
def recording(name: str) -> Run:
    """Return a recording, a run that ships with the app, by its name in checkpoints/."""
    return RunStore(CHECKPOINTS).load(name)


def keep_collections_short() -> None:
    """Keep the garbage collections short that Streamlit makes after every script run. Does not return.

    Each looks at all objects that are not frozen: at modules such as torch (200 ms), and at all sessions. So what lives
    is frozen every second, which costs nothing. Garbage of sessions that have ended meanwhile is collected now and
    then.
    """
    while True:
        gc.unfreeze()
        gc.collect()
        end = time.monotonic() + _FULL_COLLECTION
        while time.monotonic() < end:
            gc.freeze()
            time.sleep(_FREEZE)


@cache
def _start() -> Engine:
    # Looking into networks shares the processor with training: one thread is enough for it
    torch.set_num_threads(1)
    threading.Thread(target=warm_up, daemon=True).start()
    started = Engine(folder=RUNS)
    timing.background = timing.BackgroundMeasuring(lambda: started.is_idle)
    timing.background.start()
    return started
