"""Transfer learning: the accuracy gain and the saved labels for each pair of tasks, and the page's response time."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.engine import finish, submit
from benchmarks.report import Figure
from benchmarks.viewer import Viewer
from core.engine import Engine, RunStore
from core.paths import CHECKPOINTS
from core.topics.transfer_learning.label_efficiency.config import PRESETS, VARIANTS
from core.topics.transfer_learning.label_efficiency.results import LabelEfficiency
from core.topics.transfer_learning.label_efficiency.topic import TOPIC
from tests.browser.server import Server

PAIR = "other_digits"
FEW = (5, 10)  # labels per class for which the gain has a goal
REPEATED = 3


def measure() -> Iterator[Figure]:
    """Yield the figures of the recorded studies, of a study that is repeated now, and of the page."""
    for pair in PRESETS:
        yield from _recorded(pair)
    with tempfile.TemporaryDirectory() as folder, Engine(folder=Path(folder), lanes={"long": 1}) as engine:
        run = finish(submit(engine, TOPIC, PRESETS[PAIR]))
    yield from _goals(LabelEfficiency(run.config, run.metrics))
    yield Figure("from Train to the end of the run, with three seeds", list(_clicks()), "s", at_most=20)


def _recorded(pair: str) -> Iterator[Figure]:
    run = RunStore(CHECKPOINTS).load(f"transfer_learning.label_efficiency-{pair}")
    study = LabelEfficiency(run.config, run.metrics)
    for count in study.label_counts:
        for variant in VARIANTS:
            yield Figure(f"{pair}, labels per class: {count}, {variant}", list(study.accuracies(variant, count)))


def _goals(study: LabelEfficiency) -> Iterator[Figure]:
    """Yield the gains from transfer with few labels in a repeated study, at each strategy's best learning rate."""
    for count in FEW:
        reached = float(study.accuracies("frozen", count).mean())
        gains = study.gains("frozen", count)
        yield Figure(f"repeated study, labels per class: {count}; gain for each seed", list(gains))
        yield Figure(f"repeated study, labels per class: {count}; mean gain", [float(gains.mean())], at_least=0.05)
        fewer, _enough = study.labels_needed("scratch", reached)  # training from scratch needs more than ``fewer``
        yield Figure(
            f"repeated study, labels per class: {count}; labels saved, at least",
            [1 - count / (fewer or count)],
            at_least=0.5,
        )


def _clicks() -> Iterator[float]:
    """Yield the seconds from a click on Train to the end of the run's animation on the page."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(runs=Path(folder)) as server,
    ):
        for _ in range(REPEATED):
            with Viewer(server.url, "transfer_learning") as viewer:  # a new person each time
                began = time.perf_counter()
                viewer.press("Train")
                while viewer.moving:
                    viewer.poll()
                yield time.perf_counter() - began
