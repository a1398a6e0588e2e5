"""Transfer learning: what it gains for every pair, how many labels it saves, and how soon a click is answered."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.engine import finish, submit
from benchmarks.report import Figure
from benchmarks.viewer import Viewer
from core.engine import Engine, RunStore
from core.paths import CHECKPOINTS
from core.topics.transfer_learning.label_efficiency.config import PRESETS, RUNGS
from core.topics.transfer_learning.label_efficiency.results import Ladder
from core.topics.transfer_learning.label_efficiency.train import train
from tests.browser.server import Server

PAIR = "other_digits"
FEW = (5, 10)  # labels per class for which transfer is to pay
REPEATED = 3


def measure() -> Iterator[Figure]:
    """All figures: those of the recorded ladders, one ladder climbed anew, and the page."""
    for pair in PRESETS:
        yield from _recorded(pair)
    with tempfile.TemporaryDirectory() as folder, Engine(folder=Path(folder), lanes={"long": 1}) as engine:
        run = finish(submit(engine, train, PRESETS[PAIR]))
    yield from _goals(Ladder(run.config, run.metrics))
    yield Figure("from the click to all curves, with three seeds", list(_clicks()), "s", at_most=20)


def _recorded(pair: str) -> Iterator[Figure]:
    run = RunStore(CHECKPOINTS).load(f"transfer_learning.label_efficiency-{pair}")
    ladder = Ladder(run.config, run.metrics)
    for count in ladder.counts:
        for rung in RUNGS:
            word = " (harms)" if ladder.harms(rung, count) else " (helps)" if ladder.helps(rung, count) else ""
            yield Figure(f"{pair}, {count} labels, {rung}{word}", list(ladder.accuracies(rung, count)))


def _goals(ladder: Ladder) -> Iterator[Figure]:
    """What transfer gains with few labels over scratch, both at their best rates, in a ladder climbed anew."""
    for count in FEW:
        reached = ladder.at("frozen", count)
        gains = ladder.gains("frozen", count)
        yield Figure(f"climbed anew, {count} labels: gain of each seed", list(gains))
        yield Figure(f"climbed anew, {count} labels: mean gain", [float(gains.mean())], at_least=0.05)
        saved = 1 - count / (ladder.labels_for("scratch", reached) or float("inf"))
        yield Figure(f"climbed anew, {count} labels: share of labels saved", [saved], at_least=0.5)


def _clicks() -> Iterator[float]:
    """Seconds from the click on Start until nothing on the page moves any more."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(runs=Path(folder)) as server,
        Viewer(server.url, "transfer_learning") as viewer,
    ):
        for _ in range(REPEATED):
            while viewer.moving:
                viewer.poll()
            began = time.perf_counter()
            viewer.press("Start")
            while viewer.moving:
                viewer.poll()
            yield time.perf_counter() - began
