"""Settings of the comparison of learning-rate schedules, with their bounds and presets."""

from typing import Literal

from pydantic import Field

from core.training.batched.config import BatchedConfig, BatchedOptimizerName
from core.training.config import Names
from core.training.schedules import Schedule, learning_rates


class LRSchedulesConfig(BatchedConfig):
    """Settings of a comparison: one optimizer with several schedules at several maximum learning rates."""

    optimizer: Literal["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "adamw"] = Field(
        "momentum", title="Optimizer", description="The optimizer whose learning rate is scheduled."
    )
    schedules: Names[Schedule] = Field(
        ("constant", "step", "cosine", "warmup", "onecycle"),
        min_length=1,
        title="Schedules",
        description=(
            "Schedules to compare. A schedule determines how the learning rate changes from the first update to the "
            "last."
        ),
    )

    live = frozenset({"noise", "weight_decay"})

    @property
    def variants(self) -> tuple[Schedule, ...]:
        """The schedules that are compared."""
        return self.schedules

    def optimizer_of(self, variant: str) -> BatchedOptimizerName:
        """Return the optimizer, which is the same for all schedules."""
        return self.optimizer

    def lr_factors(self, updates: int) -> dict[str, tuple[float, ...]]:
        """Return, for each schedule, the learning rate of every update as a fraction of the maximum learning rate."""
        return {schedule: learning_rates(schedule, updates) for schedule in self.schedules}

    def scheduled_learning_rates(self, schedule: Schedule, *, highest: float) -> list[float]:
        """Return the learning rate of every update with ``schedule`` and the maximum learning rate ``highest``."""
        return [highest * factor for factor in learning_rates(schedule, self.updates)]


PRESETS: dict[str, LRSchedulesConfig] = {
    "digits": LRSchedulesConfig(rates=5, epochs=2, samples=20_000),
    "adam": LRSchedulesConfig(optimizer="adam", learning_rate=0.01, rates=5, epochs=2, samples=20_000),
}
