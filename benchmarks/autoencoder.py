"""The autoencoders: training time to reach the tutorial's error, and PSNR gain over a classical filter.

In this benchmark, the tutorial's networks are trained with our own settings, `OURS`. Training with the tutorial's
settings takes up to a quarter of an hour. The results are in the recordings.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.baselines import denoising_recipes
from benchmarks.baselines.denoising_recipes import (
    MSE_AFTER_AN_EPOCH,
    NOISE,
    RECIPES,
    one_by_one,
)
from benchmarks.engine import finish, submit
from benchmarks.report import Figure
from core.engine import Engine, prepare
from core.evaluation.metrics import mean_psnr
from core.topics.autoencoder.config import PRESETS, AutoencoderConfig
from core.topics.autoencoder.data import corrupted_pairs
from core.topics.autoencoder.filters import best_filter
from core.topics.autoencoder.topic import TOPIC
from core.topics.autoencoder.train import N_TEST
from core.training.timing import threads

SEEDS = (0, 1, 2)
UPDATES = {"linear": 400, "convolutional": 8}  # updates of a recipe per measurement
OVER = {"linear": 20, "convolutional": 4}  # required speedup of our settings


OURS: dict[str, AutoencoderConfig] = {
    # The matrices are small: a second thread waits longer than it computes, and bfloat16 leaves a larger error
    "linear": AutoencoderConfig(
        network="linear", relu_code=True, learning_rate=0.01, epochs=2, threads=1, cpu_optimizations=("fused",)
    ),
    # Each digit costs many multiplications, and small batches learn faster per digit: an eighth of the digits suffices
    "convolutional": AutoencoderConfig(
        network="convolutional", learning_rate=0.003, epochs=1, samples=8_000, batch_size=8
    ),
}
"""Settings with which the tutorial's networks reach the error that its recipes reach after one epoch."""

CURVE = (1, 2, 4, 8)  # numbers of epochs of the linear network, to measure error as a function of time

COMPARED: dict[str, AutoencoderConfig] = {
    "linear": OURS["linear"].changed(epochs=10),
    "quick": PRESETS["quick"],
    "convolutional": AutoencoderConfig(network="convolutional", learning_rate=0.003, batch_size=64, epochs=1),
    "best": PRESETS["best"],
}
"""Networks whose quality is measured. The README's table lists them."""

STEPS = (("gaussian", NOISE),)


def measure() -> Iterator[Figure]:
    """Run all measurements, and yield the result of each as a `Figure`."""
    prepare(PRESETS["quick"])
    # Our settings are trained in a worker, as in the app
    with tempfile.TemporaryDirectory() as folder, Engine(folder=Path(folder), lanes={"long": 1}) as engine:
        for name in RECIPES:
            yield from _against_its_recipe(engine, name)
        yield from _curve(engine)
        yield from _quality(engine)


def _against_its_recipe(engine: Engine, name: str) -> Iterator[Figure]:
    """Compare one epoch of the tutorial's recipe with a whole run with our settings, for each seed."""
    theirs, ours, errors = [], [], []
    for seed in SEEDS:
        theirs.append(RECIPES[name].updates * _seconds_per_update(name, seed))
        taken, metrics = _train(engine, OURS[name].changed(seed=seed))
        ours.append(taken)
        errors.append(metrics["test/mse"])
    yield Figure(f"{name}: the tutorial's first epoch", theirs, "s")
    yield Figure(f"{name}: error after the tutorial's first epoch", MSE_AFTER_AN_EPOCH[name])
    yield Figure(f"{name}: whole run with our settings", ours, "s")
    yield Figure(f"{name}: largest error with our settings", [max(errors)], at_most=min(MSE_AFTER_AN_EPOCH[name]))
    ratios = [their / our for their, our in zip(theirs, ours, strict=True)]
    yield Figure(f"{name}: speedup over the tutorial's recipe", ratios, at_least=OVER[name])


def _curve(engine: Engine) -> Iterator[Figure]:
    """Yield the error and the training time of the linear network for several numbers of epochs."""
    for epochs in CURVE:
        taken, metrics = _train(engine, OURS["linear"].changed(epochs=epochs))
        yield Figure(f"linear, our settings, epochs: {epochs}; training time", [taken], "s")
        yield Figure(f"linear, our settings, epochs: {epochs}; error", [metrics["test/mse"]])


def _seconds_per_update(name: str, seed: int) -> float:
    """Return the seconds per update of a recipe as its author wrote it, on one or two threads, whichever is faster."""
    times = []
    for count in (1, 2):
        with threads(count):
            training = denoising_recipes.train(RECIPES[name], seed=seed, batches=one_by_one)
            next(training)
            began = time.perf_counter()
            for _ in range(UPDATES[name]):
                next(training)
            times.append((time.perf_counter() - began) / UPDATES[name])
    return min(times)


def _quality(engine: Engine) -> Iterator[Figure]:
    """Yield the PSNR of test digits with the tutorial's noise: unprocessed, filtered, and denoised by networks."""
    noisy, clean = corrupted_pairs("mnist", "test", STEPS, N_TEST)
    yield Figure("noisy digits", [mean_psnr(noisy, clean)], "dB")
    chosen = best_filter("mnist", STEPS)
    filtered = mean_psnr(chosen(noisy), clean)
    parameters = ", ".join(f"{name} {value:g}" for name, value in chosen.parameters.items())
    yield Figure(f"the best classical filter, {chosen.name} ({parameters})", [filtered], "dB")
    least, most = {"quick": 18.5, "best": 20.5}, {"quick": 20, "best": 300}
    for name, config in COMPARED.items():
        times, decibels = [], []
        for seed in SEEDS:
            taken, metrics = _train(engine, config.changed(seed=seed))
            times.append(taken)
            decibels.append(metrics["test/psnr"])
        yield Figure(f"{name}, training time", times, "s", at_most=most.get(name))
        yield Figure(f"{name}, denoised digits", decibels, "dB")
        yield Figure(f"{name}, worst of three seeds", [min(decibels)], "dB", at_least=least.get(name))
        gain = min(decibels) - filtered
        yield Figure(
            f"{name}, gain over the filter, worst of three seeds", [gain], "dB", at_least=4 if name == "quick" else None
        )


def _train(engine: Engine, config: AutoencoderConfig) -> tuple[float, dict[str, float]]:
    """Return the seconds of a run, including its evaluations, and the final metrics."""
    run = finish(submit(engine, TOPIC, config))
    return run.elapsed, run.metrics
