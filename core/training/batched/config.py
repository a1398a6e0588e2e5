"""Settings shared by the topics that train many small networks at once: their data, size, and optimizers."""

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
"""All optimizers except L-BFGS, which usually has a line search with several full-batch evaluations per step."""

MAX_NETWORKS = 500
MAX_WEIGHTS = 40_000_000
MAX_UPDATES = 100_000


class BatchedConfig(RunConfig):
    """Settings of small networks that are trained together: their data, their size, and their optimizers."""

    data: Literal["digits", "random"] = Field(
        "digits",
        title="Data",
        description="Handwritten digits, or random inputs with random targets, as in a PyTorch tutorial.",
    )
    learning_rate: float = Field(
        0.03,
        ge=1e-6,
        le=1000,
        title="Central learning rate",
        description="Middle of the range of learning rates. The nearest value on the logarithmic grid is used.",
    )
    rates: int = Field(7, ge=1, le=15, title="Learning rates", description="Number of learning rates per optimizer.")
    rates_per_decade: int = Field(
        2,
        ge=1,
        le=4,
        title="Learning rates per decade",
        description="Number of learning rates per decade (a factor of 10). With 2, each learning rate is about √10 "
        "times the previous one.",
    )
    seeds: int = Field(
        3,
        ge=1,
        le=10,
        title="Seeds",
        description=(
            "Number of networks with different initial weights at each learning rate. All networks are trained "
            "on the same batches."
        ),
    )
    epochs: int = Field(1, ge=1, le=1000, title="Epochs", description="Number of passes through the training set.")
    noise: float = Field(
        0.0,
        ge=0,
        le=0.9,
        title="Label noise",
        description="Fraction of training labels replaced at random; one in ten random labels is correct by chance. "
        "Validation and test labels are unchanged.",
    )
    samples: int = Field(50_000, ge=100, le=50_000, title="Samples", description="Size of the training set.")
    batch_size: int = Field(16, ge=1, le=50_000, title="Batch size", description="Number of samples per update.")
    full_size: bool = Field(
        False,
        title="28 × 28 pixels",
        description="Uses the full-size digits instead of digits reduced to 14 × 14 pixels.",
    )
    hidden_size: int = Field(32, ge=1, le=1000, title="Hidden units", description="Width of the hidden layer.")
    momentum: float = Field(
        0.9, ge=0, le=0.999, title="Momentum μ", description="For Momentum and Nesterov: decay rate of the velocity."
    )
    beta1: float = Field(
        0.9,
        ge=0,
        le=0.999,
        title="β₁",
        description="For Adam and AdamW: decay rate of the moving average of gradients.",
    )
    beta2: float = Field(
        0.999,
        ge=0,
        le=0.9999,
        title="β₂",
        description="For Adam and AdamW: decay rate of the moving average of squared gradients.",
    )
    weight_decay: float = Field(
        0.0, ge=0, le=1, title="Weight decay λ", description="How strongly all weights are pulled toward zero."
    )

    log_scaled: ClassVar = frozenset(
        {"learning_rate", "epochs", "samples", "batch_size", "hidden_size", "weight_decay"}
    )
    near_one: ClassVar = frozenset({"momentum", "beta1", "beta2"})

    @model_validator(mode="after")
    def _check_size(self) -> Self:
        self.check_limits("epochs", "samples", "noise")
        if self.n_networks > MAX_NETWORKS:
            raise PydanticCustomError(
                "too_many_networks",
                "{count} networks exceed the limit of {most}",
                {"count": f"{self.n_networks:,}", "most": f"{MAX_NETWORKS:,}"},
            )
        if (n_weights := self.n_networks * self.n_weights) > MAX_WEIGHTS:
            raise PydanticCustomError(
                "too_many_weights",
                "{count} weights exceed the limit of {most}",
                {"count": f"{n_weights:,}", "most": f"{MAX_WEIGHTS:,}"},
            )
        if self.updates > MAX_UPDATES:
            raise PydanticCustomError(
                "too_many_updates",
                "{count} updates exceed the limit of {most}",
                {"count": f"{self.updates:,}", "most": f"{MAX_UPDATES:,}"},
            )
        return self

    def changed(self, **values: object) -> Self:
        """Return a copy with changed values.

        If ``data`` changes, ``epochs``, ``samples``, and ``batch_size`` are set to defaults for the new data. If the
        new data is random, ``noise`` is set to 0. Settings in ``values`` are not overwritten.
        """
        if values.get("data", self.data) != self.data:
            digits = {"epochs": 1, "samples": 50_000, "batch_size": 16}
            random = {"epochs": 100, "samples": 100, "batch_size": 100, "noise": 0.0}
            values = (digits if self.data == "random" else random) | values
        return super().changed(**values)

    @property
    def variants(self) -> tuple[str, ...]:
        """The names of the optimizers or schedules being compared."""
        raise NotImplementedError

    def optimizer_of(self, variant: str) -> BatchedOptimizerName:
        """Return the optimizer that trains the networks of a variant (see `variants`)."""
        raise NotImplementedError

    def lr_factors(self, updates: int) -> Mapping[str, Sequence[float]]:
        """Return, for each variant with a schedule, the factors that multiply the learning rate: one per update."""
        return {}

    @property
    def n_networks(self) -> int:
        """Number of networks at the start of a run: one for each combination of variant, learning rate, and seed."""
        return len(self.variants) * self.rates * self.seeds

    def limits(self, name: str) -> tuple[float, float]:
        """Return the smallest and largest allowed values of a numeric setting. Some limits depend on ``data``."""
        digits = {"epochs": (1, 20)}
        random = {"samples": (100, 2000), "noise": (0, 0)}
        return (digits if self.data == "digits" else random).get(name, super().limits(name))

    @property
    def learning_rates(self) -> tuple[float, ...]:
        """The learning rates at which every variant is trained, in ascending order."""
        return tuple(self.learning_rate_at(number - self.rates // 2) for number in range(self.rates))

    def learning_rate_at(self, position: int) -> float:
        """Return the learning rate, rounded to one significant digit, at a position on a logarithmic scale.

        The learning rate at position 0 is the closest to the central learning rate. Higher positions have higher
        learning rates. With two learning rates per decade, neighboring learning rates are, for example, 0.01, 0.03,
        and 0.1.
        """
        middle = round(math.log10(self.learning_rate) * self.rates_per_decade)
        return float(f"{10 ** ((middle + position) / self.rates_per_decade):.0e}")

    def weight_seed(self, number: int) -> int:
        """Return the random seed for the initial weights, given a seed number that is counted from 0."""
        return self.seed * 1_000 + number

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Numbers of inputs, hidden units, and outputs of a network."""
        inputs = 1000 if self.data == "random" else 784 if self.full_size else 196
        return inputs, self.hidden_size, 10

    @property
    def n_weights(self) -> int:
        """Number of weights and biases of one network."""
        inputs, hidden, outputs = self.sizes
        return (inputs + 1) * hidden + (hidden + 1) * outputs

    @property
    def updates(self) -> int:
        """Number of updates for each network."""
        return self.epochs * batches_per_epoch(self.samples, self.batch_size)

    @property
    def updates_per_round(self) -> int:
        """Number of updates in each round of training. All networks of a round are updated together."""
        return self.updates

    def settings_for(self, optimizer: BatchedOptimizerName) -> dict[str, float]:
        """Return an optimizer's settings, keyed by name, without the learning rate and the weight decay.

        The result is empty for Muon, which keeps its default momentum.
        """
        shared = set(tunable_settings(optimizer)) & set(type(self).model_fields) if optimizer != "muon" else ()
        return {name: getattr(self, name) for name in shared}
