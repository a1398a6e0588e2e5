"""Settings shared by the topics that train many small networks at once: their data, size and optimizers."""

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from core.training.batching import batches_per_epoch
from core.training.config import RunConfig
from core.training.optimizers import tunable_settings

BatchedOptimizerName = Literal[
    "gd", "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "adamw", "muon"
]
"""All optimizers but L-BFGS, whose line search needs the loss of all data several times a step."""

MAX_NETWORKS = 500
MAX_WEIGHTS = 40_000_000
MAX_UPDATES = 100_000


class BatchedConfig(RunConfig):
    """Small networks that are trained at once, the data that they learn, and their optimizers' settings."""

    data: Literal["digits", "random"] = Field(
        "digits",
        title="Data",
        description="Handwritten digits, or the tutorial's random numbers with random targets.",
    )
    learning_rate: float = Field(
        0.03, ge=1e-6, le=1000, title="Learning rates around", description="Middle of the range that is tried."
    )
    rates: int = Field(7, ge=1, le=15, title="Learning rates", description="How many are tried with each optimizer.")
    rates_per_decade: int = Field(
        2,
        ge=1,
        le=4,
        title="Learning rates per decade",
        description="How densely: with 2, each is √10 times the one before.",
    )
    seeds: int = Field(
        3,
        ge=1,
        le=10,
        title="Seeds",
        description="Networks with other initial weights at each learning rate. All of them get the same batches.",
    )
    epochs: int = Field(1, ge=1, le=1000, title="Epochs", description="How often the network sees the training data.")
    noise: float = Field(
        0.0,
        ge=0,
        le=0.9,
        title="Label noise",
        description="Share of the training labels that are replaced at random. Validation and test labels are not.",
    )
    samples: int = Field(50_000, ge=100, le=50_000, title="Samples", description="Size of the training set.")
    batch_size: int = Field(16, ge=1, le=50_000, title="Batch size", description="Samples in one update.")
    full_size: bool = Field(False, title="28 × 28 pixels", description="Whole digits instead of 14 × 14 pixels.")
    hidden_size: int = Field(32, ge=1, le=1000, title="Hidden units", description="Width of the hidden layer.")
    momentum: float = Field(0.9, ge=0, le=0.999, title="Momentum μ", description="Of Momentum and Nesterov.")
    beta1: float = Field(0.9, ge=0, le=0.999, title="β₁", description="Of Adam and AdamW: decay rate of the gradient.")
    beta2: float = Field(
        0.999, ge=0, le=0.9999, title="β₂", description="Of Adam and AdamW: decay rate of the squared gradient."
    )
    weight_decay: float = Field(
        0.0, ge=0, le=1, title="Weight decay λ", description="How strongly all weights are pulled to zero."
    )

    log_scaled: ClassVar = frozenset(
        {"learning_rate", "epochs", "samples", "batch_size", "hidden_size", "weight_decay"}
    )
    near_one: ClassVar = frozenset({"momentum", "beta1", "beta2"})

    @model_validator(mode="after")
    def _check_size(self) -> Self:
        self.check_limits("epochs", "samples", "noise")
        for what, value, most in (
            ("networks", self.n_networks, MAX_NETWORKS),
            ("weights", self.n_networks * self.n_weights, MAX_WEIGHTS),
            ("updates", self.updates, MAX_UPDATES),
        ):
            if value > most:
                raise PydanticCustomError(
                    "too_much",
                    "{value} {what} would be too much, {most} are the most",
                    {"what": what, "value": f"{value:,}", "most": f"{most:,}"},
                )
        return self

    def changed(self, **values: object) -> Self:
        """Return a copy with other values. Other data bring the sizes of their preset, unless these are passed too."""
        if values.get("data", self.data) != self.data:
            digits = {"epochs": 1, "samples": 50_000, "batch_size": 16}
            random = {"epochs": 100, "samples": 100, "batch_size": 100, "noise": 0.0}
            values = (digits if self.data == "random" else random) | values
        return super().changed(**values)

    @property
    def variants(self) -> tuple[str, ...]:
        """Names of what is compared: optimizers or schedules."""
        raise NotImplementedError

    def optimizer_of(self, variant: str) -> BatchedOptimizerName:
        """Return the optimizer that trains a variant's networks."""
        raise NotImplementedError

    def lr_factors(self, updates: int) -> Mapping[str, Sequence[float]]:
        """Return the factors on the learning rate of every update, for each variant with a schedule."""
        return {}

    @property
    def n_networks(self) -> int:
        """Networks that are trained at once."""
        return len(self.variants) * self.rates * self.seeds

    def limits(self, name: str) -> tuple[float, float]:
        """Return the smallest and the largest value of a numeric setting; they depend on the data."""
        digits = {"epochs": (1, 20)}
        random = {"samples": (100, 2000), "noise": (0, 0)}
        return (digits if self.data == "digits" else random).get(name, super().limits(name))

    @property
    def learning_rates(self) -> tuple[float, ...]:
        """The learning rates that every variant is trained with, ascending."""
        return tuple(self.learning_rate_at(number - self.rates // 2) for number in range(self.rates))

    def learning_rate_at(self, position: int) -> float:
        """Return the learning rate ``position`` steps above the middle: 0.01, 0.03, 0.1 ... with 2 in a decade."""
        middle = round(math.log10(self.learning_rate) * self.rates_per_decade)
        return float(f"{10 ** ((middle + position) / self.rates_per_decade):.0e}")

    def weight_seed(self, number: int) -> int:
        """Return the seed of the initial weights of networks with the number ``number`` among the seeds."""
        return self.seed * 1_000 + number

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Inputs, hidden units and outputs of a network."""
        inputs = 1000 if self.data == "random" else 784 if self.full_size else 196
        return inputs, self.hidden_size, 10

    @property
    def n_weights(self) -> int:
        """Weights and biases of one network."""
        inputs, hidden, outputs = self.sizes
        return (inputs + 1) * hidden + (hidden + 1) * outputs

    @property
    def updates(self) -> int:
        """Updates of one network."""
        return self.epochs * batches_per_epoch(self.samples, self.batch_size)

    @property
    def updates_per_round(self) -> int:
        """Updates of one network: where the range of learning rates is extended, more networks get as many."""
        return self.updates

    def settings_for(self, optimizer: BatchedOptimizerName) -> dict[str, float]:
        """Return the settings of the optimizer's rule beside learning rate and weight decay.

        Muon keeps its own momentum.
        """
        shared = set(tunable_settings(optimizer)) & set(type(self).model_fields) if optimizer != "muon" else ()
        return {name: getattr(self, name) for name in shared}
