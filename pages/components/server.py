"""Objects that all sessions share: the engine that trains, and the recordings that ship with the app."""

import gc
import logging
import threading
from functools import cache
from importlib import import_module

import torch

from core.engine import Engine, Run, RunStore, warm_up
from core.paths import CHECKPOINTS, RUNS
from core.training import timing

logger = logging.getLogger(__name__)
_starting = threading.Lock()


def engine() -> Engine:
    """Return the engine of this server. The first call starts it (about a second)."""
    with _starting:
        return _start()


def start() -> Engine:
    """Start the engine, then load in the background what the first openings of pages would wait for."""
    started = engine()
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
    return started


@cache
def recording(name: str) -> Run:
    """Return a recording, a run that ships with the app, by its name in checkpoints/."""
    return RunStore(CHECKPOINTS).load(name)


@cache
def freeze_gc(_page: str) -> None:
    """Exclude all objects of now from garbage collection. Call it when a page has been drawn for the first time.

    Streamlit collects garbage after every script run. The modules that a page has imported, torch above all, stay for
    good; without this call each collection would walk over them (200 ms).
    """
    gc.collect()
    gc.freeze()


def _warm_up() -> None:
    from pages.registry import specs, warm_up

    for library in ("pandas", "pyarrow"):  # Streamlit's charts load them
        import_module(library)
    for spec in specs():
        try:
            warm_up(spec)
        except Exception:  # the page itself tells what is wrong
            logger.exception("The page %s was not prepared", spec.name)
    gc.collect()
    gc.freeze()


@cache
def _start() -> Engine:
    # Looking into networks shares the processor with training: one thread is enough for it
    torch.set_num_threads(1)
    threading.Thread(target=warm_up, daemon=True).start()
    started = Engine(folder=RUNS)
    timing.background = timing.BackgroundMeasuring(lambda: started.is_idle)
    timing.background.start()
    return started
