"""Small races and helpers for their tests."""

from functools import cache

from core.topics.optimizer_race.config import OptimizerRaceConfig
from core.topics.optimizer_race.train import train
from core.training.batched.results import NetworkSpec
from core.training.progress import Progress, TrainedModel, run_to_end

SMALL = OptimizerRaceConfig(
    optimizers=("sgd", "momentum", "adam"), rates=3, seeds=2, samples=640, epochs=2, hidden_size=8, extend=False
)


RANDOM = OptimizerRaceConfig(
    data="random",
    optimizers=("gd", "momentum", "adam"),
    rates=3,
    rates_per_decade=1,
    seeds=2,
    samples=100,
    batch_size=50,
    epochs=30,
    hidden_size=5,
    extend=False,
)


def run(config: OptimizerRaceConfig, **changes: object) -> tuple[list[Progress], TrainedModel]:
    events: list[Progress] = []
    return events, run_to_end(train(config.changed(**changes)), events.append)


@cache
def small_run() -> tuple[list[Progress], TrainedModel]:
    """Return the run of SMALL, trained once for all tests that only read it."""
    return run(SMALL)


def specs_of(event: Progress, config: OptimizerRaceConfig) -> list[NetworkSpec]:
    return [NetworkSpec(config.optimizers[int(number)], rate, seed) for number, rate, seed in event.arrays["members"]]
