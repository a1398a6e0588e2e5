"""The settings of the race, with their bounds and presets."""

from pydantic import Field

from core.training.batched.config import NetworkConfig, Racer
from core.training.config import Names


class RaceConfig(NetworkConfig):
    """The networks of a race: optimizers x learning rates x seeds, and what they learn."""

    optimizers: Names[Racer] = Field(
        ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"),
        min_length=1,
        title="Optimizers",
        description="Which optimizers race. GD takes one step in a pass through the data, with the gradient of all.",
    )
    extend: bool = Field(
        True,
        title="Extend the range",
        description="When an optimizer is best at an end of the range, two more rates are tried beyond it.",
    )

    @property
    def entrants(self) -> tuple[Racer, ...]:
        """The optimizers."""
        return self.optimizers


PRESETS: dict[str, RaceConfig] = {
    "digits": RaceConfig(),
    "noise": RaceConfig(noise=0.5, epochs=2, samples=10_000),
    "everybody": RaceConfig(
        optimizers=("gd", "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "adamw", "muon"),
        samples=10_000,
    ),
    "tutorial": RaceConfig(
        data="random",
        optimizers=("gd", "momentum", "adagrad", "adam"),
        learning_rate=0.01,
        rates=5,
        rates_per_decade=1,
        seeds=1,
        epochs=100,
        samples=100,
        batch_size=100,
        hidden_size=1000,
    ),
}
