"""Settings of the playground: points, network, and training."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from core.errors import CoreError
from core.topics.playground import point_codec
from core.training.batching import batches_per_epoch
from core.training.config import Names, RunConfig

Feature = Literal["x", "y", "x2", "y2", "xy", "sin_x", "sin_y"]

MAX_LAYERS = 6
MAX_UNITS = 16
"""Largest number of units in a hidden layer."""
MAX_UPDATES = 100_000
VALIDATION_SHARE = 0.2
"""Fraction of the training points that early stopping holds out for validation."""

_REASONS = {
    "points_damaged": "the own points cannot be read",
    "points_too_many": "there are too many own points: at most {limit} are allowed",
    "points_too_few": "there are too few own points: at least {least} are needed",
    "points_one_class": "all own points have the same label: two different labels are needed",
    "points_one_spot": "all own points are in the same place",
}
_SOURCE = ". Draw points or upload a table in the app, then use “points” from the address of the page: --points VALUE"


class PlaygroundConfig(RunConfig):
    """Settings of a network and its data: points with coordinates from -6 to 6, each with a class or a value."""

    data: Literal["circle", "xor", "gaussians", "spiral", "moons", "plane", "hills", "own"] = Field(
        "circle",
        title="Data",
        description="Binary classification, regression (Plane, Hills), or your own points.",
    )
    points: str = Field("", title="Your own points", description="Your own points, encoded as text.")
    noise: float = Field(
        0.1,
        ge=0,
        le=1,
        title="Noise",
        description=(
            "Moves each point at random after its class or value has been set. If this value is 1, the shifts in x "
            "and y have a standard deviation of 2. The axes range from −6 to 6. Your own points are not moved."
        ),
    )
    samples: int = Field(
        200,
        ge=10,
        le=2000,
        title="Number of points",
        description="Total number of training, validation, and test points.",
    )
    train_share: float = Field(
        0.5,
        ge=0.1,
        le=0.9,
        title="Training fraction",
        description="Fraction of the points used for training. The remaining points are for testing.",
    )
    batch_size: int = Field(10, ge=1, le=200, title="Batch size", description="Number of training points per update.")
    features: Names[Feature] = Field(
        ("x", "y"),
        min_length=1,
        title="Features",
        description="Inputs of the network: the coordinates of a point and functions of these coordinates.",
    )
    layers: int = Field(
        1,
        ge=0,
        le=MAX_LAYERS,
        title="Hidden layers",
        description="With 0 hidden layers, the features connect directly to the output: the model is linear.",
    )
    units_1: int = Field(
        4, ge=1, le=MAX_UNITS, title="Units in layer 1", description="Number of units in the first hidden layer."
    )
    units_2: int = Field(
        4, ge=1, le=MAX_UNITS, title="Units in layer 2", description="Used with at least 2 hidden layers."
    )
    units_3: int = Field(
        4, ge=1, le=MAX_UNITS, title="Units in layer 3", description="Used with at least 3 hidden layers."
    )
    units_4: int = Field(
        4, ge=1, le=MAX_UNITS, title="Units in layer 4", description="Used with at least 4 hidden layers."
    )
    units_5: int = Field(
        4, ge=1, le=MAX_UNITS, title="Units in layer 5", description="Used with at least 5 hidden layers."
    )
    units_6: int = Field(
        4, ge=1, le=MAX_UNITS, title="Units in layer 6", description="Used with at least 6 hidden layers."
    )
    activation: Literal["relu", "tanh", "sigmoid", "leaky_relu", "gelu", "linear"] = Field(
        "tanh",
        title="Activation",
        description="The function that each hidden unit applies to the weighted sum of its inputs. "
        "Leaky ReLU has slope 0.01 below zero.",
    )
    loss: Literal["cross_entropy", "squares"] = Field(
        "cross_entropy",
        title="Classification loss",
        description="The loss that training minimizes: cross-entropy or the squared error of the probability. "
        "Regression always uses the squared error.",
    )
    optimizer: Literal["SGD", "Momentum", "RMSprop", "Adam", "AdamW"] = Field(
        "SGD",
        title="Optimizer",
        description=(
            "The update rule. AdamW also applies weight decay: each update multiplies all weights and biases by "
            "1 − 0.01 · (learning rate)."
        ),
    )
    learning_rate: float = Field(
        0.1,
        ge=1e-5,
        le=100,
        title="Learning rate",
        description="Factor that scales each update of the weights.",
    )
    epochs: int = Field(
        200, ge=1, le=10_000, title="Epochs", description="Number of passes through the training points."
    )
    l1: float = Field(
        0.0, ge=0, le=1, title="L1", description="Adds λ Σ |w| to the loss, where λ is this value. Biases are excluded."
    )
    l2: float = Field(
        0.0,
        ge=0,
        le=1,
        title="L2",
        description="Adds ½ λ Σ w² to the loss, where λ is this value. Biases are excluded.",
    )
    dropout: float = Field(
        0.0,
        ge=0,
        le=0.8,
        title="Dropout",
        description="Probability that the output of a hidden unit is set to zero during training.",
    )
    early_stopping: int = Field(
        0,
        ge=0,
        le=500,
        title="Early stopping",
        description="Patience: training stops after this many epochs without a lower validation loss, and "
        "the best weights are restored. One-fifth of the training points are held out for validation. "
        "0 turns early stopping off.",
    )
    data_seed: int = Field(
        0,
        ge=0,
        le=2**31 - 1,
        title="Data seed",
        description="Seed for the random points and for the split into training, validation, and test points.",
    )

    log_scaled: ClassVar = frozenset({"samples", "batch_size", "learning_rate", "epochs", "l1", "l2", "early_stopping"})

    live = frozenset({"learning_rate", "optimizer", "l1", "l2", "epochs", "batch_size"})
    live_above_0 = frozenset({"dropout"})

    @model_validator(mode="after")
    def _check_points_and_updates(self) -> Self:
        try:
            if self.data == "own":
                point_codec.check_trainable(self.points)
            elif self.points:
                point_codec.unpack(self.points)
        except CoreError as error:
            raise PydanticCustomError(error.code, _REASONS[error.code] + _SOURCE, error.parameters) from None
        self.check_updates(self.updates, most=MAX_UPDATES)
        return self

    @property
    def regression(self) -> bool:
        """Whether the task is regression, with values from -1 to 1. Otherwise, the task is classification."""
        return self.data in ("plane", "hills") or (self.data == "own" and point_codec.is_regression(self.points))

    @property
    def hidden_sizes(self) -> tuple[int, ...]:
        """Number of units in each hidden layer."""
        return tuple(getattr(self, f"units_{number}") for number in range(1, self.layers + 1))

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Number of features, number of units in each hidden layer, and number of outputs.

        The network has one output, which is a logit or, in regression, a value.
        """
        return (len(self.features), *self.hidden_sizes, 1)

    @property
    def split_sizes(self) -> tuple[int, int, int]:
        """Numbers of training, validation, and test points. Without early stopping, there are no validation points.

        The training and validation sets together contain at least two points. The test set contains at least one point.
        """
        total = point_codec.count(self.points) if self.data == "own" else self.samples
        training = min(max(2, round(self.train_share * total)), total - 1)
        validation = max(1, round(VALIDATION_SHARE * training)) if self.early_stopping else 0
        return training - validation, validation, total - training

    @property
    def updates(self) -> int:
        """Number of updates in the whole run, unless early stopping ends the run earlier."""
        return self.epochs * batches_per_epoch(self.split_sizes[0], self.batch_size)


_XOR = {"data": "xor", "noise": 0.0, "samples": 400, "batch_size": 200, "optimizer": "Adam", "epochs": 1000}
_LARGE = {"layers": 2, "units_1": 16, "units_2": 16, "optimizer": "Adam"}
_SPIRAL = {"data": "spiral", "noise": 0.0, "samples": 1000, "batch_size": 32, "learning_rate": 0.02}

PRESETS: dict[str, PlaygroundConfig] = {
    "circle": PlaygroundConfig(),
    "xor_two": PlaygroundConfig(units_1=2, learning_rate=0.03, **_XOR),
    "xor_three": PlaygroundConfig(units_1=3, learning_rate=0.03, **_XOR),
    "xor_four": PlaygroundConfig(units_1=4, learning_rate=0.03, **_XOR),
    "spiral_linear": PlaygroundConfig(layers=0, optimizer="Adam", epochs=100, **_SPIRAL),
    "spiral": PlaygroundConfig(epochs=250, **_SPIRAL, **_LARGE),
    "overfit": PlaygroundConfig(
        noise=0.5, train_share=0.1, batch_size=20, learning_rate=0.01, epochs=500, data_seed=6, **_LARGE
    ),
    "dying_relu": PlaygroundConfig(layers=2, units_1=8, units_2=8, activation="relu", learning_rate=3.0, epochs=50),
    "vanishing": PlaygroundConfig(layers=6, activation="sigmoid", learning_rate=0.3, epochs=100),
    "hills": PlaygroundConfig(data="hills", noise=0.0, samples=1000, batch_size=32, learning_rate=0.02, **_LARGE),
}
