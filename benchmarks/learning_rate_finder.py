"""The suggestions of the learning-rate finder, compared with the best learning rates of a sweep."""

import math
from collections.abc import Callable, Iterator
from statistics import median

from benchmarks.report import Figure
from core import topics
from core.engine import prepare
from core.tools.config import ToolConfig
from core.tools.learning_rate_finder.train import train
from core.tools.settings import shortened
from core.training.config import RunConfig
from core.training.progress import Metrics, run_to_end

UPDATES = 300
"""Number of updates of each run of a sweep: three times that of the finder's short runs."""
CLOSE = 3.0
"""Largest factor between the recommended and the best learning rate."""


def _accuracy(metrics: Metrics) -> float:
    """Return the negative mean of all test accuracies."""
    values = [value for name, value in metrics.items() if name.startswith("accuracy") and "train" not in name]
    return -sum(value or 0.0 for value in values) / len(values)


def _metric(name: str) -> Callable[[Metrics], float]:
    return lambda metrics: math.inf if (value := metrics.get(name)) is None else value


PRESETS: list[tuple[str, str, int, int, Callable[[Metrics], float]]] = [
    ("playground", "circle", 5, 6, _metric("test_loss")),
    ("playground", "spiral", 5, 6, _metric("test_loss")),
    ("playground", "xor_four", 5, 6, _metric("test_loss")),
    ("playground", "hills", 5, 6, _metric("test_loss")),
    ("manual_mlp", "digits", 1, 6, _metric("test_loss/tensors")),
    ("manual_mlp", "teacher", 3, 6, _metric("test_loss/tensors")),
    ("workflow", "mini_batch", 1, 6, _accuracy),
    ("mnist_cnn", "digits", 1, 3, _accuracy),
    ("autoencoder", "quick", 1, 3, _metric("test/mse")),
    ("transfer_learning", "other_digits", 1, 3, _accuracy),
]
"""Topic, preset, number of seeds, width of the sweep, and a function from a run's final metrics to its test loss.

A sweep of width n has the preset's learning rate times 2 to the powers from -n to n.
"""


def measure() -> Iterator[Figure]:
    """Yield, for each preset, the recommended learning rate divided by the best one of a sweep.

    The goal is that for 8 of 10 presets, this ratio is at most CLOSE, or the finder does not confirm its suggestion.
    """
    reached = []
    for name, preset, seeds, power, loss in PRESETS:
        topic = topics.topic(name)
        config = topic.resolve(topic.presets[preset])
        settings = ToolConfig.of(topic, config)
        prepare(settings)
        found = run_to_end(train(settings), lambda _event: None).metrics
        best = best_rate(topic, config, seeds=seeds, power=power, loss=loss)
        suggestion, recommendation = found["suggestion"] or math.nan, found.get("recommendation") or math.nan
        ratio = recommendation / best
        reached.append(1 / CLOSE <= ratio <= CLOSE or not found.get("confirmed"))
        verdict = "confirmed" if found.get("confirmed") else "not confirmed"
        title = f"{name}, {preset}: best {best:g}; suggested {suggestion:g}, {verdict}; recommended / best"
        yield Figure(title, [ratio])
    yield Figure("presets with a close recommendation, or without a confirmed one", [sum(reached)], at_least=8)


def best_rate(
    topic: topics.Topic, config: RunConfig, *, seeds: int, power: int, loss: Callable[[Metrics], float]
) -> float:
    """Return the learning rate with the lowest median test loss over the seeds after about UPDATES updates."""
    short = shortened(topic, config, updates=UPDATES)
    low, high = config.limits("learning_rate")
    preset = config.model_dump()["learning_rate"]
    losses: dict[float, float] = {}
    for rate in (preset * 2.0**exponent for exponent in range(-power, power + 1)):
        if not low <= rate <= high:
            continue
        runs = [short.changed(learning_rate=rate, seed=config.seed + number) for number in range(seeds)]
        losses[rate] = median(_test_loss(topic, run, loss) for run in runs)
    return min(losses, key=losses.__getitem__)


def _test_loss(topic: topics.Topic, config: RunConfig, loss: Callable[[Metrics], float]) -> float:
    prepare(config)
    metrics = run_to_end(topic.train(config), lambda _event: None).metrics
    diverged = any(name.startswith("diverged_at") for name in metrics)
    return math.inf if diverged or math.isnan(value := loss(metrics)) else value
