"""What all sessions of the server share: the engine that trains, and the recordings that ship with the app."""

import gc
import os
import threading
from functools import cache
from pathlib import Path

import torch

from core.engine import (
    Engine,
    Run,
    RunStore,
    warm_up,
)
from core.paths import CHECKPOINTS, ROOT

RUNS = Path(os.environ.get("PLAYGROUND_RUNS", ROOT / "runs"))  # what people train
_starting = threading.Lock()


def engine() -> Engine:
    """The engine of this server, started at the first call (about a second)."""
    with _starting:
        return _start()


@cache
def recording(name: str) -> Run:
    """A run that ships with the app, by its name in checkpoints/."""
    return RunStore(CHECKPOINTS).load(name)


@cache
def freeze_gc(_page: str) -> None:
    """Once, when a page has first been drawn and has loaded all that it needs.

    Streamlit collects garbage after every script run. What torch and its like brought along stays for good: it is not
    to be looked at each time (200 ms).
    """
    gc.collect()
    gc.freeze()


@cache
def _start() -> Engine:
    # Looking into networks shares the processor with training: one thread is enough for it
    torch.set_num_threads(1)
    threading.Thread(target=warm_up, daemon=True).start()
    return Engine(folder=RUNS)
