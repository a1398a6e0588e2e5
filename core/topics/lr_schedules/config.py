"""The settings of the comparison of schedules, with their bounds and presets."""

from typing import Literal

from pydantic import Field

from core.training.batched.config import NetworkConfig
from core.training.config import Names
from core.training.schedules import Schedule


class ScheduleConfig(NetworkConfig):
    """One optimizer at several highest learning rates, under several schedules."""

    optimizer: Literal["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "adamw"] = Field(
        "momentum", title="Optimizer", description="The optimizer whose learning rate is scheduled."
    )
    schedules: Names[Schedule] = Field(
        ("constant", "step", "cosine", "warmup", "onecycle"),
        min_length=1,
        title="Schedules",
        description="How the learning rate changes from the first update to the last.",
    )

    @property
    def entrants(self) -> tuple[Schedule, ...]:
        """The schedules."""
        return self.schedules


PRESETS: dict[str, ScheduleConfig] = {
    "digits": ScheduleConfig(rates=5, epochs=2, samples=20_000),
    "adam": ScheduleConfig(optimizer="adam", learning_rate=0.01, rates=5, epochs=2, samples=20_000),
}
