"""The convolutional networks compared with published recipes: digits per second, and seconds to 99% accuracy."""

import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import torch

from benchmarks.baselines import mnist_recipes
from benchmarks.baselines.mnist_recipes import RECIPES, UPDATES_TO_99, one_by_one
from benchmarks.engine import finish, submit, watched
from benchmarks.machine import product_rates
from benchmarks.report import Figure
from core.engine import Engine, prepare
from core.topics.mnist_cnn.config import PRESETS, CNNConfig
from core.topics.mnist_cnn.model import summary
from core.topics.mnist_cnn.topic import TOPIC
from core.topics.mnist_cnn.train import keyframe_steps
from core.topics.mnist_cnn.training_step import resolve

SEEDS = (0, 1, 2)
UPDATES = 8  # updates of a baseline per measurement
REPEATED = 3
MAX_ERRORS = 100  # of 10,000 test digits: 99% accuracy


def measure() -> Iterator[Figure]:
    """Run all measurements, and yield the result of each as a `Figure`."""
    prepare(PRESETS["fast"])
    peaks = {name: product_rates(dtype) for name, dtype in (("16 bits", torch.bfloat16), ("32 bits", torch.float32))}
    for name, values in peaks.items():
        yield Figure(f"matrix multiplications in {name}", values, "GFLOP/s")
    # Our networks are trained in a worker, as in the app
    with tempfile.TemporaryDirectory() as folder, Engine(folder=Path(folder), lanes={"long": 1}) as engine:
        yield from _measure(engine, peaks)
    with tempfile.TemporaryDirectory() as runs:
        yield from watched(Path(runs), "mnist_cnn?epochs=4")


def _measure(engine: Engine, peaks: dict[str, list[float]]) -> Iterator[Figure]:
    yield from _throughput(engine, peaks)
    seconds = {}
    for figure, recipe, times in _baselines():
        seconds[recipe] = times
        yield figure
    fast, compact = PRESETS["fast"], PRESETS["digits"]
    yield from _to_the_goal(engine, "the tutorial's network, fast", fast, {"tutorial": 8}, seconds)
    yield from _to_the_goal(engine, "the compact network", compact, {"pytorch": 3, "keras": 3}, seconds, at_most=12)
    _updated, taken, wrong = zip(*(_train(engine, PRESETS["best"].changed(seed=seed)) for seed in SEEDS), strict=True)
    yield Figure("highest accuracy (slow): training time", taken, "s", at_most=300)
    yield Figure("highest accuracy (slow): misclassified", wrong, "of 10,000 digits", at_most=40)


def _throughput(engine: Engine, peaks: dict[str, list[float]]) -> Iterator[Figure]:
    """Yield the training speed of the tutorial's network: with the tutorial's recipe, and with our optimizations."""
    fast = resolve(PRESETS["fast"]).changed(keep_fraction=1)
    plain = fast.in_32_bits
    rates: dict[str, list[float]] = {"tutorial": [], "fast": [], "fast, 32 bits": []}
    for number in range(REPEATED):
        for kind in list(rates)[:: 1 if number % 2 else -1]:
            if kind == "tutorial":
                rates[kind].append(RECIPES["tutorial"].batch_size / _seconds_per_update("tutorial"))
            else:
                rates[kind].append(_digits_per_second(engine, fast if kind == "fast" else plain))
    for kind, values in rates.items():
        yield Figure(f"training speed of the tutorial's network, {kind}", values, "digits/s")
    ratios = [ours / theirs for ours, theirs in zip(rates["fast"], rates["tutorial"], strict=True)]
    yield Figure("speedup of fast over the tutorial's recipe", ratios, at_least=4)
    # Two operations per multiply-add, once forward and twice backward
    work = 6 * sum(layer.multiply_adds for layer in summary(fast)) / 1e9
    used = "16 bits" if "bfloat16" in fast.cpu_optimizations else "32 bits"
    for kind, bits in (("fast", used), ("fast, 32 bits", "32 bits")):
        shares = [work * rate / max(peaks[bits]) for rate in rates[kind]]
        yield Figure(f"operations per second relative to the machine's peak ({bits})", shares, at_least=0.6)


def _digits_per_second(engine: Engine, config: CNNConfig) -> float:
    """Return the digits per second in the longest interval between two evaluations."""
    stretches = [(a + 1, b - 1) for a, b in pairwise(sorted(keyframe_steps(config)))]
    first, last = max(stretches, key=lambda stretch: stretch[1] - stretch[0])
    run = submit(engine, TOPIC, config)
    with run.changed:
        run.changed.wait_for(lambda: run.events and run.events[-1].step >= first)
        from_step, began = run.events[-1].step, time.perf_counter()
        run.changed.wait_for(lambda: run.events[-1].step >= last)
        rate = config.batch_size * (run.events[-1].step - from_step) / (time.perf_counter() - began)
        run.stop()
        run.changed.wait_for(lambda: run.state.final)
    return rate


def _seconds_per_update(name: str) -> float:
    """Return the seconds per update of a recipe as its authors wrote it."""
    training = mnist_recipes.train(RECIPES[name], seed=0, batches=one_by_one)
    next(training)
    began = time.perf_counter()
    for _ in range(UPDATES):
        next(training)
    return (time.perf_counter() - began) / UPDATES


def _baselines() -> Iterator[tuple[Figure, str, list[float]]]:
    """Yield each recipe's seconds to 99% accuracy: the recorded number of updates times the current time per update."""
    for name in RECIPES:
        update = min(_seconds_per_update(name) for _ in range(REPEATED))
        times = [updates * update for updates in UPDATES_TO_99[name]]
        yield Figure(f"{name}'s recipe to 99%, each seed", times, "s"), name, times


def _to_the_goal(
    engine: Engine, name: str, config: CNNConfig, over: dict[str, float], seconds: dict[str, list[float]], **goal: float
) -> Iterator[Figure]:
    """Yield the training time and errors of a preset for three seeds, and its speedup over recipes.

    The speedups compare the times until the last update. Our time includes the data selection and the evaluations
    after earlier epochs.
    """
    updates, times, wrong = zip(*(_train(engine, config.changed(seed=seed)) for seed in SEEDS), strict=True)
    yield Figure(f"{name}, time to the last update", updates, "s")
    yield Figure(f"{name}, time to the end, with evaluations", times, "s")
    yield Figure(f"{name}: slowest of three seeds", [max(times)], "s", **goal)
    yield Figure(f"{name}: misclassified", wrong, "of 10,000 digits")
    yield Figure(f"{name}: most misclassified of three seeds", [max(wrong)], "of 10,000 digits", at_most=MAX_ERRORS)
    for recipe, least in over.items():
        ratios = [theirs / ours for ours, theirs in zip(updates, seconds[recipe], strict=True)]
        yield Figure(f"{name}: speedup over {recipe}'s recipe", ratios)
        yield Figure(f"{name}: lowest speedup of three seeds over {recipe}'s recipe", [min(ratios)], at_least=least)


def _train(engine: Engine, config: CNNConfig) -> tuple[float, float, int]:
    """Return the seconds to the last update, the seconds to the end, and the number of misclassified test digits."""
    run = submit(engine, TOPIC, config)
    with run.changed:
        run.changed.wait_for(lambda: run.state.final or (run.events and run.events[-1].step >= config.updates - 1))
    updated = run.elapsed
    finish(run)
    return updated, run.elapsed, round(10_000 * (1 - run.metrics["accuracy/test"]))
