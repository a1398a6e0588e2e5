"""Times of the trajectories on loss surfaces, of the learning-rate search, and of the page's response to a slider."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import torch

from benchmarks.report import Figure
from benchmarks.viewer import Viewer
from core.topics.loss_surface.config import PRESETS, SURFACE_OPTIMIZERS
from core.topics.loss_surface.lr_search import best_rates
from core.topics.loss_surface.trajectories import descend
from tests.browser.server import Server

REPEATED = 20


def measure() -> Iterator[Figure]:
    """Run all measurements, and yield the result of each as a `Figure`."""
    torch.set_num_threads(1)  # as in the server
    descend(PRESETS["ravine"])  # an optimizer loads modules on its first step
    for name, function in {
        "the trajectories on a surface": descend,
        "the trajectories of all ten optimizers": lambda config: descend(config.changed(optimizers=SURFACE_OPTIMIZERS)),
        "a search for the best learning rates": best_rates,
    }.items():
        times = []
        for config in PRESETS.values():
            began = time.perf_counter()
            function(config)
            times.append(time.perf_counter() - began)
        yield Figure(f"{name} (each surface once)", times, "s", at_most=0.3)
    with tempfile.TemporaryDirectory() as folder, Server(runs=Path(folder)) as server:
        with Viewer(server.url, "optimizers") as viewer:
            viewer.slide("Learning-rate multiplier (×)", 1)
            seconds = [viewer.slide("Learning-rate multiplier (×)", 2 + position % 10) for position in range(REPEATED)]
        yield Figure("response of the page to a slider", seconds, "s", at_most=0.3)
