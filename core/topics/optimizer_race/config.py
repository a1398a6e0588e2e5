"""Settings of the optimizer race, with their bounds and presets."""

from typing import cast

from pydantic import Field

from core.training.batched.config import BatchedConfig, BatchedOptimizerName
from core.training.config import Names


class OptimizerRaceConfig(BatchedConfig):
    """Settings of a race, which trains one network for each combination of optimizer, learning rate, and seed."""

    optimizers: Names[BatchedOptimizerName] = Field(
        ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"),
        min_length=1,
        title="Optimizers",
        description="Optimizers to compare. GD makes one update per epoch, with the full-batch gradient.",
    )
    extend: bool = Field(
        True,
        title="Extend the range",
        description="If an optimizer's best learning rate is at one end of the range, two more learning rates beyond "
        "this end are tried. This happens at most three times.",
    )

    @property
    def variants(self) -> tuple[BatchedOptimizerName, ...]:
        """The optimizers that are compared."""
        return self.optimizers

    def optimizer_of(self, variant: str) -> BatchedOptimizerName:
        """Return the optimizer of a variant. In a race, each variant is an optimizer."""
        return cast(BatchedOptimizerName, variant)

    @property
    def adamw_equals_adam(self) -> bool:
        """Whether Adam and AdamW are both in the race and the weight decay is 0. They are then equivalent."""
        return not self.weight_decay and {"adam", "adamw"} <= set(self.optimizers)

    @property
    def sgd_equals_gd(self) -> bool:
        """Whether GD and SGD are both in the race and each batch contains all training samples.

        GD and SGD are then equivalent.
        """
        return self.batch_size >= self.samples and {"gd", "sgd"} <= set(self.optimizers)


PRESETS: dict[str, OptimizerRaceConfig] = {
    "digits": OptimizerRaceConfig(seed=1),
    "noise": OptimizerRaceConfig(noise=0.5, epochs=2, samples=10_000),
    "everybody": OptimizerRaceConfig(
        optimizers=("gd", "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "adamw", "muon"),
        samples=10_000,
    ),
    "tutorial": OptimizerRaceConfig(
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
