"""The autoencoders: seconds to the tutorial's error, and decibels over a classical filter.

The tutorial's networks are trained here by settings of our own, `OURS`; those of its presets take up to a quarter of an
hour, and what they come to is on the cards of their recordings.
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
UPDATES = {"linear": 400, "convolutional": 8}  # of a recipe, each time
OVER = {"linear": 20, "convolutional": 4}  # how many times faster ours is to be


OURS: dict[str, AutoencoderConfig] = {
    # The products are small: a second thread waits for longer than it computes, and 16 bits leave a larger error
    "linear": AutoencoderConfig(
        network="linear", relu_code=True, learning_rate=0.01, epochs=2, threads=1, cpu_optimizations=("fused",)
    ),
    # Small batches learn most from a digit, and every digit is many products: an eighth of the digits is enough
    "convolutional": AutoencoderConfig(
        network="convolutional", learning_rate=0.003, epochs=1, samples=8_000, batch_size=8
    ),
}
"""Settings with which the tutorial's networks reach, in the end, the error that its recipes leave after an epoch."""

CURVE = (1, 2, 4, 8)  # epochs of the linear network, to show what its error costs

COMPARED: dict[str, AutoencoderConfig] = {
    "linear": OURS["linear"].changed(epochs=10),
    "quick": PRESETS["quick"],
    "convolutional": AutoencoderConfig(network="convolutional", learning_rate=0.003, batch_size=64, epochs=1),
    "best": PRESETS["best"],
}
"""Networks whose quality is measured, after a training that is worth its time; the README's table has them."""

STEPS = (("gaussian", NOISE),)


def measure() -> Iterator[Figure]:
    """All figures, one after the other."""
    prepare(PRESETS["quick"])
    # Ours trains as in the app: in a worker
    with tempfile.TemporaryDirectory() as folder, Engine(folder=Path(folder), lanes={"long": 1}) as engine:
        for name in RECIPES:
            yield from _against_its_recipe(engine, name)
        yield from _curve(engine)
        yield from _quality(engine)


def _against_its_recipe(engine: Engine, name: str) -> Iterator[Figure]:
    """Seconds of the tutorial's epoch, and of ours until its end, in turn, for every seed."""
    theirs, ours, errors = [], [], []
    for seed in SEEDS:
        theirs.append(RECIPES[name].updates * _seconds_per_update(name, seed))
        taken, metrics = _train(engine, OURS[name].changed(seed=seed))
        ours.append(taken)
        errors.append(metrics["test/mse"])
    yield Figure(f"{name}: the tutorial's first epoch", theirs, "s")
    yield Figure(f"{name}: error that it leaves", MSE_AFTER_AN_EPOCH[name])
    yield Figure(f"{name}: ours until its end", ours, "s")
    yield Figure(f"{name}: largest of our errors", [max(errors)], at_most=min(MSE_AFTER_AN_EPOCH[name]))
    ratios = [their / our for their, our in zip(theirs, ours, strict=True)]
    yield Figure(f"{name}: ours over the tutorial's recipe", ratios, at_least=OVER[name])


def _curve(engine: Engine) -> Iterator[Figure]:
    """What the linear network comes to, and when, if it is trained for longer."""
    for epochs in CURVE:
        taken, metrics = _train(engine, OURS["linear"].changed(epochs=epochs))
        yield Figure(f"linear, epochs of ours: {epochs}; seconds", [taken], "s")
        yield Figure(f"linear, epochs of ours: {epochs}; error", [metrics["test/mse"]])


def _seconds_per_update(name: str, seed: int) -> float:
    """Of a recipe as its author wrote it, on one thread or on two: whichever is quicker."""
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
    """PSNR of test digits with the tutorial's noise: as they are, filtered, and restored by networks."""
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
        yield Figure(f"{name}, until its end", times, "s", at_most=most.get(name))
        yield Figure(f"{name}, restored digits", decibels, "dB")
        yield Figure(f"{name}, least of three seeds", [min(decibels)], "dB", at_least=least.get(name))
        gain = min(decibels) - filtered
        yield Figure(f"{name} over the filter, least of three", [gain], "dB", at_least=4 if name == "quick" else None)


def _train(engine: Engine, config: AutoencoderConfig) -> tuple[float, dict[str, float]]:
    """Seconds from the start to the trained network, all examinations on the way included, and its final metrics."""
    run = finish(submit(engine, TOPIC, config))
    return run.elapsed, run.metrics
