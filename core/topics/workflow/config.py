"""Settings of the PyTorch workflow, with their bounds and presets."""

from typing import Literal

from pydantic import Field, model_validator

from core.training.batching import batches_per_epoch
from core.training.config import RunConfig

MAX_UPDATES = 20_000

GradientDescent = Literal["full_batch", "mini_batch", "stochastic"]


class WorkflowConfig(RunConfig):
    """Settings of the program: its data, and the training of its network."""

    learning_rate: float = Field(
        0.1,
        ge=1e-5,
        le=10,
        title="Learning rate",
        description="Each update subtracts the learning rate times the gradient from the weights.",
    )
    epochs: int = Field(5, ge=1, le=200, title="Epochs", description="Number of passes through the training set.")
    noise: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Noise level",
        description="A transform adds Gaussian noise to the pixels (0 to 1). This is its standard deviation.",
    )
    batch_size: int = Field(64, ge=1, le=10_000, title="Batch size", description="Number of digits per update.")
    shuffle: bool = Field(
        True,
        title="Shuffle",
        description="The data loader draws a new random order of the training digits in each epoch.",
    )
    samples: int = Field(6_400, ge=64, le=10_000, title="Samples", description="Number of training digits.")

    log_scaled = frozenset({"learning_rate", "epochs", "batch_size", "samples"})
    live = frozenset({"learning_rate", "epochs"})

    @model_validator(mode="after")
    def _is_short(self) -> "WorkflowConfig":
        self.check_updates(self.updates, most=MAX_UPDATES)
        return self

    def limits(self, name: str) -> tuple[float, float]:
        """Return the bounds of a numeric setting. A slider offers no batch size above the number of samples."""
        return (1, self.samples) if name == "batch_size" else super().limits(name)

    @property
    def updates(self) -> int:
        """Number of updates in the run."""
        return self.epochs * batches_per_epoch(self.samples, self.batch_size)

    @property
    def gradient_descent(self) -> GradientDescent:
        """The kind of gradient descent, which depends on the batch size.

        Each update uses all samples ("full_batch"), several samples ("mini_batch"), or one sample ("stochastic").
        """
        if self.batch_size == 1:
            return "stochastic"
        return "full_batch" if self.batch_size >= self.samples else "mini_batch"


PRESETS: dict[str, WorkflowConfig] = {
    "mini_batch": WorkflowConfig(),
    "full_batch": WorkflowConfig(samples=1_000, batch_size=1_000, epochs=40, learning_rate=0.05),
    "stochastic": WorkflowConfig(samples=1_000, batch_size=1, epochs=2, learning_rate=0.01),
    "break": WorkflowConfig(learning_rate=2.0),
}
