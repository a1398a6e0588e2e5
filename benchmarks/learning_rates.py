"""The sweeps behind the learning rates that the pages begin with, against the table in core/learning_rates.py."""

from collections.abc import Iterator

from benchmarks.report import Figure
from core.descent import PRESETS, best_rates
from core.engine import prepare
from core.learning_rates import IN_THE_RACE, ON_SURFACES
from core.race import PRESETS as RACES
from core.race import train
from core.race.standings import Standings

AS_GOOD = 1.3  # factor within which two rates are the same: on another processor the neighbouring one may win


def measure() -> Iterator[Figure]:
    """The best rate of every optimizer on every surface, and in the default race; the goal is what is committed."""
    for surface, config in PRESETS.items():
        for optimizer, rate in best_rates(config).items():
            yield _figure(f"{surface}: best rate of {optimizer}", rate, ON_SURFACES[surface].get(optimizer))
    config = RACES["digits"].changed(optimizers=tuple(IN_THE_RACE))
    prepare(config)
    standings = Standings.read(config, train(config))
    for optimizer in config.optimizers:
        yield _figure(f"race: best rate of {optimizer}", standings.best(optimizer), IN_THE_RACE[optimizer])


def _figure(name: str, rate: float, committed: float | None) -> Figure:
    committed = committed or rate
    return Figure(name, [rate], at_least=committed / AS_GOOD, at_most=committed * AS_GOOD)
