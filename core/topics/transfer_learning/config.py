"""The settings of transfer learning (source and target tasks, labels, transferred layers, training) and the presets."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

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
Strategy = Literal["scratch", "frozen", "fine_tuned", "random"]

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
"""Name of the pair -> source task and target task."""

STRATEGIES: tuple[Strategy, ...] = ("scratch", "frozen", "fine_tuned", "random")
"""From scratch; transferred layers frozen; transferred layers fine-tuned; and a control: frozen random layers."""

TRANSFER_STRATEGIES: tuple[Strategy, ...] = ("frozen", "fine_tuned")
"""The strategies that transfer pretrained layers."""

LAYERS = ("conv1", "conv2", "fc1")
"""The layers that can be transferred, in order from the input."""

CLASSES: dict[Domain, int] = {"digits_0_4": 5, "digits_5_9": 5}
"""Number of classes, for domains that do not have ten classes."""

MAX_LABELS: dict[Domain, int] = {"uci_digits": 98}
"""Maximum number of labels per class, for target tasks whose rarest class has few training images."""

MAX_UPDATES = 20_000


class TransferConfig(RunConfig):
    """Settings for training networks on few labels of the target task, with all four strategies and several seeds."""

    threads: int = Field(2, ge=1, le=64, title="Threads", description="Number of CPU threads that PyTorch uses.")
    pair: Pair = Field("other_digits", title="Tasks", description="The source task and the target task.")
    labels: int = Field(10, ge=1, le=500, title="Labels per class", description="Number of training images per class.")
    learning_rate: float = Field(
        0.003,
        ge=1e-6,
        le=1,
        title="Learning rate",
        description="Learning rate of Adam for randomly initialized layers.",
    )
    epochs: int = Field(40, ge=1, le=1_000, title="Epochs", description="Number of passes through the training images.")
    noise: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Noise level",
        description=(
            "Standard deviation of the Gaussian noise added to the training and test images. Pixel values range from 0 "
            "(black) to 1 (white)."
        ),
    )
    n_transferred: int = Field(
        2,
        ge=1,
        le=len(LAYERS),
        title="Transferred layers",
        description=(
            "Number of transferred layers, counted from the input. Layers 1 and 2 are convolutions, and layer 3 is "
            "the hidden layer."
        ),
    )
    pretrained_lr_multiplier: float = Field(
        0.1,
        ge=0,
        le=1,
        title="Learning-rate multiplier",
        description=(
            "Learning rate of the pretrained layers in fine-tuning, as a multiple of the learning rate of the new "
            "layers."
        ),
    )
    n_frozen: int = Field(
        0,
        ge=0,
        le=len(LAYERS),
        title="Layers frozen in fine-tuning",
        description="Number of transferred layers that stay frozen in fine-tuning, counted from the input.",
    )
    seeds: int = Field(
        3,
        ge=1,
        le=10,
        title="Seeds",
        description=(
            "Number of repetitions. Each repetition uses different labeled images and different initial weights."
        ),
    )
    batch_size: int = Field(32, ge=1, le=1_000, title="Batch size", description="Number of images per update.")
    weight_decay: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Weight decay λ",
        description="L2 penalty: Adam adds λ times the weights to the gradient.",
    )
    shifts: int = Field(
        0,
        ge=0,
        le=4,
        title="Shifts",
        description="Largest random shift of the training images, in pixels.",
    )

    renamed: ClassVar[Mapping[str, str]] = {
        "kept": "n_transferred",
        "held": "n_frozen",
        "old_rate": "pretrained_lr_multiplier",
    }
    log_scaled = frozenset(
        {"labels", "learning_rate", "epochs", "pretrained_lr_multiplier", "batch_size", "weight_decay"}
    )

    live = frozenset({"learning_rate", "pretrained_lr_multiplier", "weight_decay", "epochs", "batch_size"})

    @model_validator(mode="after")
    def _can_be_trained(self) -> Self:
        self.check_limits("labels")
        self.check_updates(self.updates, most=MAX_UPDATES)
        return self

    def limits(self, name: str) -> tuple[float, float]:
        """Return the bounds of a numeric setting. The bounds of ``labels`` depend on the target task."""
        low, high = super().limits(name)
        return (low, MAX_LABELS.get(self.target, high)) if name == "labels" else (low, high)

    def changed(self, **values: Any) -> Self:
        """Return a validated copy with changed values.

        Unless ``values`` contains ``labels``, the number of labels per class is capped at the maximum for the target
        task.
        """
        tasks = PAIRS.get(values.get("pair", self.pair))
        max_labels = MAX_LABELS.get(tasks[1]) if tasks else None
        if max_labels and "labels" not in values:
            values |= {"labels": min(self.labels, max_labels)}
        return super().changed(**values)

    @property
    def source(self) -> Domain:
        """The domain of the source task."""
        return PAIRS[self.pair][0]

    @property
    def target(self) -> Domain:
        """The domain of the target task."""
        return PAIRS[self.pair][1]

    @property
    def classes(self) -> int:
        """Number of classes of the target task."""
        return CLASSES.get(self.target, 10)

    @property
    def samples(self) -> int:
        """Number of labeled training images of the target task."""
        return self.labels * self.classes

    @property
    def updates(self) -> int:
        """Number of updates for each network."""
        return self.epochs * batches_per_epoch(self.samples, self.batch_size)


PRESETS: dict[str, TransferConfig] = {pair: TransferConfig(pair=pair) for pair in PAIRS}

OTHER_LABEL_COUNTS: dict[str, TransferConfig] = {
    f"{pair}-{count}": config.changed(labels=count) for pair, config in PRESETS.items() for count in (1, 2, 3, 5, 7, 20)
}
"""Copies of the presets with fewer or more labels per class. Runs with these settings are also recorded."""
