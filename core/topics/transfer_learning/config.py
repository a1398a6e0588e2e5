"""The settings of an experiment: from which pictures to which, with how few labels, and what is kept."""

from typing import Literal, Self

from pydantic import Field, model_validator

from core.training.batching import batches_per_epoch
from core.training.config import RunConfig

Domain = Literal[
    "digits", "digits_0_4", "digits_5_9", "uci_digits", "fashion", "inverted", "rotated", "permuted", "shuffled"
]
Pair = Literal[
    "other_digits",
    "other_writers",
    "digits_to_fashion",
    "fashion_to_digits",
    "inverted_to_digits",
    "rotated_to_digits",
    "permuted_to_digits",
    "shuffled_to_digits",
]
Way = Literal["scratch", "frozen", "fine_tuned", "random"]

PAIRS: dict[Pair, tuple[Domain, Domain]] = {
    "other_digits": ("digits_0_4", "digits_5_9"),
    "other_writers": ("digits", "uci_digits"),
    "digits_to_fashion": ("digits", "fashion"),
    "fashion_to_digits": ("fashion", "digits"),
    "inverted_to_digits": ("inverted", "digits"),
    "rotated_to_digits": ("rotated", "digits"),
    "permuted_to_digits": ("permuted", "digits"),
    "shuffled_to_digits": ("shuffled", "digits"),
}
"""Name -> what the source is trained on, and what is then to be learnt from few labels."""

WAYS: tuple[Way, ...] = ("scratch", "frozen", "fine_tuned", "random")
"""From first random weights; with the source's layers, kept as they are; with the source's layers, trained on; and the
control: with random layers, kept as they are."""

LAYERS = ("conv1", "conv2", "fc1")
"""The layers that can be taken over, from the pictures on."""

CLASSES: dict[Domain, int] = {"digits_0_4": 5, "digits_5_9": 5}
"""Classes of a domain, where they are not ten."""

MOST_LABELS: dict[Domain, int] = {"uci_digits": 98}
"""Training pictures of the rarest class of a target, where there are fewer than a slider reaches."""

MOST_UPDATES = 20_000


class TransferConfig(RunConfig):
    """A network is trained in four ways on a few labelled pictures, several times, side by side."""

    threads: int = Field(2, ge=1, le=64, title="Threads", description="Processor threads that PyTorch uses.")
    pair: Pair = Field(
        "other_digits", title="From what to what", description="What the source has learnt, and what is to be learnt."
    )
    labels: int = Field(
        10, ge=1, le=500, title="Labels per class", description="Pictures of each class that are trained on."
    )
    learning_rate: float = Field(
        0.003, ge=1e-6, le=1, title="Learning rate", description="Adam's, for layers that begin anew; in all ways."
    )
    epochs: int = Field(40, ge=1, le=1_000, title="Epochs", description="Passes through the labelled pictures.")
    noise: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Noise level",
        description="Standard deviation of Gaussian noise on the target's pictures, in training and test (1: white).",
    )
    kept: int = Field(
        2,
        ge=1,
        le=len(LAYERS),
        title="Layers taken over",
        description="From the source, counted from the pictures: 1 and 2 are convolutions, 3 the hidden layer.",
    )
    old_rate: float = Field(
        0.1,
        ge=0,
        le=1,
        title="Rate of the old layers",
        description="In fine-tuning, as a share of the learning rate of the new ones.",
    )
    held: int = Field(
        0,
        ge=0,
        le=len(LAYERS),
        title="Held in fine-tuning",
        description="So many of the layers taken over are not trained even in fine-tuning.",
    )
    seeds: int = Field(
        3, ge=1, le=10, title="Seeds", description="How often all is done, with other labels and other first weights."
    )
    batch_size: int = Field(32, ge=1, le=1_000, title="Batch size", description="Pictures in one update.")
    weight_decay: float = Field(
        0.0, ge=0, le=1, title="Weight decay λ", description="Pulls the weights to zero; in all ways."
    )
    shifts: int = Field(
        0,
        ge=0,
        le=4,
        title="Shifts",
        description="Every picture of a batch is moved by up to so many pixels; in all ways.",
    )

    log_scaled = frozenset({"labels", "learning_rate", "epochs", "old_rate", "batch_size", "weight_decay"})

    @model_validator(mode="after")
    def _can_be_trained(self) -> Self:
        self.check_limits("labels")
        self.check_updates(MOST_UPDATES)
        return self

    def limits(self, name: str) -> tuple[float, float]:
        """Smallest and largest value of a number among the settings; there are not always as many labels."""
        low, high = super().limits(name)
        return (low, MOST_LABELS.get(self.target, high)) if name == "labels" else (low, high)

    def changed(self, **values: object) -> Self:
        """As that of every config; for another pair that has fewer labels, as many as there are."""
        most = MOST_LABELS.get(PAIRS.get(values.get("pair", self.pair), ("", ""))[1])
        if most and "labels" not in values:
            values |= {"labels": min(self.labels, most)}
        return super().changed(**values)

    @property
    def source(self) -> Domain:
        """What the source has been trained on."""
        return PAIRS[self.pair][0]

    @property
    def target(self) -> Domain:
        """What is to be learnt."""
        return PAIRS[self.pair][1]

    @property
    def classes(self) -> int:
        """Classes of the target."""
        return CLASSES.get(self.target, 10)

    @property
    def samples(self) -> int:
        """Labelled pictures of the target."""
        return self.labels * self.classes

    @property
    def updates(self) -> int:
        """Updates of every network."""
        return self.epochs * batches_per_epoch(self.samples, self.batch_size)


PRESETS: dict[str, TransferConfig] = {pair: TransferConfig(pair=pair) for pair in PAIRS}
