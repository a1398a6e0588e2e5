"""Search for the default learning rates again, and compare them with the committed tables."""

from collections.abc import Iterator
from statistics import mean

from benchmarks.report import Figure
from core.engine import prepare
from core.topics.loss_surface.config import PRESETS
from core.topics.loss_surface.learning_rates import BEST_LEARNING_RATES as BEST_ON_SURFACES
from core.topics.loss_surface.lr_search import best_rates
from core.topics.mnist_cnn.config import PRESETS as CNN
from core.topics.mnist_cnn.train import train as train_cnn
from core.topics.mnist_cnn.training_step import resolve
from core.topics.optimizer_race.config import PRESETS as RACES
from core.topics.optimizer_race.learning_rates import BEST_LEARNING_RATES as BEST_IN_RACE
from core.topics.optimizer_race.train import train
from core.training.batched.results import Results
from core.training.progress import run_to_end

AS_GOOD = 1.3  # factor within which two learning rates count as equal: another processor may favor a neighboring one


def measure() -> Iterator[Figure]:
    """Yield the best learning rates of the optimizers on each surface and in the default race, and of the CNN.

    The goals are the committed learning rates.
    """
    for surface, config in PRESETS.items():
        for optimizer, rate in best_rates(config).items():
            yield _figure(
                f"{surface}: best learning rate of {optimizer}", rate, BEST_ON_SURFACES[surface].get(optimizer)
            )
    config = RACES["digits"].changed(optimizers=tuple(BEST_IN_RACE))
    prepare(config)
    results = Results.from_events(config, train(config))
    for optimizer in config.optimizers:
        best = results.best_learning_rate(optimizer)
        yield _figure(f"race: best learning rate of {optimizer}", best, BEST_IN_RACE[optimizer])
    yield from _of_the_cnn()


def _of_the_cnn() -> Iterator[Figure]:
    """Yield the compact CNN's validation accuracies and best learning rate. The goal is the preset's learning rate."""
    preset = resolve(CNN["digits"])
    accuracies: dict[float, list[float]] = {}
    for rate in (preset.learning_rate * factor for factor in (0.1, 0.3, 1.0, 3.0)):
        for seed in range(3):
            config = preset.changed(learning_rate=rate, seed=seed, early_stopping=True)
            prepare(config)
            trained = run_to_end(train_cnn(config), lambda event: None)
            accuracies.setdefault(rate, []).append(trained.metrics["accuracy/validation"])
        yield Figure(f"CNN: validation accuracy at learning rate {rate:g}", accuracies[rate])
    yield Figure(
        "CNN: best learning rate",
        [max(accuracies, key=lambda rate: mean(accuracies[rate]))],
        at_most=preset.learning_rate * 1.01,
        at_least=preset.learning_rate * 0.99,
    )


def _figure(name: str, rate: float, committed: float | None) -> Figure:
    committed = committed or rate
    return Figure(name, [rate], at_least=committed / AS_GOOD, at_most=committed * AS_GOOD)
