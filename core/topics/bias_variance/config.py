"""The settings of the topic, with their bounds, and the presets."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from core.training.config import RunConfig
from core.translatable import N_

WIDTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)

MAX_UNIT_EVALUATIONS = 10_000_000_000
"""Maximum number of evaluations of hidden units in one run. A run with this many takes about two minutes."""


class BiasVarianceConfig(RunConfig):
    """Settings of the true curve, of its noisy samples, and of the polynomials or networks fitted to the samples."""

    model: Literal["polynomial", "network"] = Field(
        "polynomial",
        title="Model",
        description="Polynomials fitted by least squares, or one-hidden-layer networks trained with Adam.",
    )
    curve: Literal["sine", "step", "parabola", "wiggly", "constant"] = Field(
        "sine",
        title="True curve",
        description="The points are values of this function plus noise. The models see only the points.",
    )
    noise: float = Field(
        0.3, ge=0, le=1, title="Noise level", description="Standard deviation of the noise in the targets."
    )
    points: int = Field(
        20,
        ge=1,
        le=200,
        title="Training points",
        description="Number of training points per dataset. Each dataset also has this many validation points.",
    )
    data_sets: int = Field(
        30, ge=2, le=100, title="Datasets", description="Number of datasets. Each model is fitted to every dataset."
    )
    x_sampling: Literal["even", "random"] = Field(
        "even",
        title="Sampling of x",
        description=(
            "The x values of the training points are evenly spaced and the same in every dataset, or drawn uniformly "
            "at random for each dataset."
        ),
    )
    l2: float = Field(
        0.0,
        ge=0,
        le=1,
        title="L2 penalty λ",
        description="Adds λ/2 times the sum of the squared weights to the loss. Biases are not penalized.",
    )
    largest_degree: int = Field(
        15,
        ge=0,
        le=15,
        title="Largest degree",
        description="Polynomials of all degrees from 0 to this degree are fitted.",
    )
    largest_width: int = Field(64, ge=1, le=64, title="Largest width", description="Maximum number of hidden units.")
    activation: Literal["tanh", "relu"] = Field(
        "tanh", title="Activation", description="tanh is smooth; ReLU is piecewise linear."
    )
    learning_rate: float = Field(0.01, ge=1e-5, le=10, title="Learning rate", description="Learning rate of Adam.")
    epochs: int = Field(
        500, ge=1, le=20_000, title="Epochs", description="Each epoch is one update that uses all training points."
    )
    dropout: float = Field(
        0.0,
        ge=0,
        le=0.9,
        title="Dropout",
        description="Probability that the output of a hidden unit is set to zero during training.",
    )
    early_stopping: bool = Field(
        False,
        title="Early stopping",
        description=(
            "Each network uses the weights with the lowest validation error. The validation error is computed at "
            "up to 65 evenly spaced epochs."
        ),
    )

    renamed: ClassVar = {"places": "x_sampling"}
    log_scaled: ClassVar = frozenset({"points", "data_sets", "l2", "largest_width", "learning_rate", "epochs"})
    live = frozenset({"learning_rate", "l2", "dropout", "epochs"})

    @model_validator(mode="after")
    def _can_be_run(self) -> Self:
        work = self.epochs * self.data_sets * self.points * sum(self.capacities)
        if self.model == "network" and work > MAX_UNIT_EVALUATIONS:
            raise PydanticCustomError(
                "too_much",
                N_("training would take too long; use fewer epochs, points, or datasets"),
            )
        return self

    @property
    def capacities(self) -> tuple[int, ...]:
        """The degrees of the polynomials or the widths of the networks, in ascending order."""
        if self.model == "polynomial":
            return tuple(range(self.largest_degree + 1))
        return (*(width for width in WIDTHS if width < self.largest_width), self.largest_width)

    @property
    def updates(self) -> int:
        """Number of updates in the run. Polynomials are fitted in one update."""
        return self.epochs if self.model == "network" else 1


_TRAINED_LONG = {"model": "network", "noise": 0.5, "learning_rate": 0.03, "epochs": 3000}

PRESETS: dict[str, BiasVarianceConfig] = {
    "polynomials": BiasVarianceConfig(),
    "more_data": BiasVarianceConfig(points=200),
    "l2": BiasVarianceConfig(l2=0.2),
    "underfit": BiasVarianceConfig(curve="wiggly", noise=0.2, points=60),
    "networks": BiasVarianceConfig(model="network"),
    "overtrained": BiasVarianceConfig(**_TRAINED_LONG),
    "early_stopping": BiasVarianceConfig(**_TRAINED_LONG, early_stopping=True),
    "dropout": BiasVarianceConfig(**_TRAINED_LONG, dropout=0.2),
}
