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
from core.topics.transfer_learning.label_efficiency.config import PRESETS, VARIANTS
from core.topics.transfer_learning.label_efficiency.results import LabelEfficiency
from core.topics.transfer_learning.label_efficiency.topic import TOPIC
from tests.browser.server import Server

PAIR = "other_digits"
FEW = (5, 10)  # labels per class with a goal for the gain
REPEATED = 3


def measure() -> Iterator[Figure]:
    """Yield all figures: of the recorded studies, of one study run again, and of the page."""
    for pair in PRESETS:
        yield from _recorded(pair)
    with tempfile.TemporaryDirectory() as folder, Engine(folder=Path(folder), lanes={"long": 1}) as engine:
        run = finish(submit(engine, TOPIC, PRESETS[PAIR]))
    yield from _goals(LabelEfficiency(run.config, run.metrics))
    yield Figure("from the click to all curves, with three seeds", list(_clicks()), "s", at_most=20)


def _recorded(pair: str) -> Iterator[Figure]:
    run = RunStore(CHECKPOINTS).load(f"transfer_learning.label_efficiency-{pair}")
    study = LabelEfficiency(run.config, run.metrics)
    for count in study.label_counts:
        for variant in VARIANTS:
            word = ""
            if study.has_negative_transfer(variant, count):
                word = " (harms)"
            elif study.has_positive_transfer(variant, count):
                word = " (helps)"
            yield Figure(f"{pair}, {count} labels, {variant}{word}", list(study.accuracies(variant, count)))


def _goals(study: LabelEfficiency) -> Iterator[Figure]:
    """Yield the gains of transfer with few labels, each strategy with its best learning rate, in a study run again."""
    for count in FEW:
        reached = study.accuracy_at("frozen", count)
        gains = study.gains("frozen", count)
        yield Figure(f"climbed anew, {count} labels: gain of each seed", list(gains))
        yield Figure(f"climbed anew, {count} labels: mean gain", [float(gains.mean())], at_least=0.05)
        saved = 1 - count / (study.labels_needed("scratch", reached) or float("inf"))
        yield Figure(f"climbed anew, {count} labels: share of labels saved", [saved], at_least=0.5)


def _clicks() -> Iterator[float]:
    """Seconds from the click on Train until nothing on the page moves any more."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(runs=Path(folder)) as server,
    ):
        for _ in range(REPEATED):
            with Viewer(server.url, "transfer_learning") as viewer:  # another person each time
                began = time.perf_counter()
                viewer.press("Train")
                while viewer.moving:
                    viewer.poll()
                yield time.perf_counter() - began
