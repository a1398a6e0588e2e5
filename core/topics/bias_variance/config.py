"""The settings of under- and overfitting, with their bounds, and the presets."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from core.training.config import RunConfig

WIDTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)

MAX_UNIT_EVALUATIONS = 10_000_000_000
"""Evaluations of hidden units in a whole run: about two minutes."""


class BiasVarianceConfig(RunConfig):
    """A curve with noisy samples, and the models that are fitted to them: polynomials or networks."""

    model: Literal["polynomial", "network"] = Field(
        "polynomial",
        title="Fitted with",
        description="Polynomials, solved in one step, or networks with one hidden layer, trained with Adam.",
    )
    curve: Literal["sine", "step", "parabola", "wiggly", "constant"] = Field(
        "sine", title="True curve", description="What lies behind the points; a fit never sees it."
    )
    noise: float = Field(
        0.3, ge=0, le=1, title="Noise level", description="Standard deviation of the noise on the targets."
    )
    points: int = Field(
        20, ge=1, le=200, title="Training points", description="In each data set; as many more to validate on."
    )
    data_sets: int = Field(
        30, ge=2, le=100, title="Data sets", description="How often the points are drawn anew: each gets its own fits."
    )
    x_sampling: Literal["even", "random"] = Field(
        "even",
        title="Where the points lie",
        description="Evenly spaced, the same in every data set, or anywhere, drawn anew for each.",
    )
    l2: float = Field(
        0.0,
        ge=0,
        le=1,
        title="L2 penalty λ",
        description="λ times the sum of the squared weights is added to the error. Constant terms and biases are free.",
    )
    largest_degree: int = Field(15, ge=0, le=15, title="Largest degree", description="Of the polynomials.")
    largest_width: int = Field(64, ge=1, le=64, title="Largest width", description="Most hidden units of a network.")
    activation: Literal["tanh", "relu"] = Field(
        "tanh", title="Activation", description="Of the hidden units: smooth or with a kink."
    )
    learning_rate: float = Field(0.01, ge=1e-5, le=10, title="Learning rate", description="Of Adam.")
    epochs: int = Field(500, ge=1, le=20_000, title="Epochs", description="Updates, each with all points.")
    dropout: float = Field(
        0.0, ge=0, le=0.9, title="Dropout", description="Share of the hidden units that are left out in each update."
    )
    early_stopping: bool = Field(
        False,
        title="Early stopping",
        description="Take each network as it was when its error on its validation points was lowest.",
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
                "this training would take too long: take fewer epochs, points or data sets",
            )
        return self

    @property
    def capacities(self) -> tuple[int, ...]:
        """The degrees of the polynomials or the widths of the networks, ascending."""
        if self.model == "polynomial":
            return tuple(range(self.largest_degree + 1))
        return (*(width for width in WIDTHS if width < self.largest_width), self.largest_width)

    @property
    def updates(self) -> int:
        """Updates of the whole run; polynomials are solved in a single one."""
        return self.epochs if self.model == "network" else 1


_TRAINED_LONG = {"model": "network", "noise": 0.5, "learning_rate": 0.03, "epochs": 3000}

PRESETS: dict[str, BiasVarianceConfig] = {
    "polynomials": BiasVarianceConfig(),
    "more_data": BiasVarianceConfig(points=200),
    "l2": BiasVarianceConfig(l2=0.1),
    "underfit": BiasVarianceConfig(curve="wiggly", noise=0.2, points=60),
    "networks": BiasVarianceConfig(model="network"),
    "overtrained": BiasVarianceConfig(**_TRAINED_LONG),
    "early_stopping": BiasVarianceConfig(**_TRAINED_LONG, early_stopping=True),
    "dropout": BiasVarianceConfig(**_TRAINED_LONG, dropout=0.2),
}
