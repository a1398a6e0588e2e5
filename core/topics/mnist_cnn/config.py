"""The settings of a convolutional network's training, with their bounds, and their presets."""

import math
from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from core.training.batching import batches_per_epoch
from core.training.config import Names
from core.training.cpu_optimizations import CpuOptimizedConfig
from core.training.schedules import Schedule

MAX_UPDATES = 100_000
PROXY_SAMPLES = 10_000
"""Training samples, at least, that the compact network sees before it selects the hardest digits."""

Transform = Literal[
    "resize",
    "center_crop",
    "random_crop",
    "horizontal_flip",
    "vertical_flip",
    "rotation",
    "affine",
    "noise",
    "erasing",
    "normalize",
]


class CNNConfig(CpuOptimizedConfig):
    """A convolutional network, the transforms of its images (MNIST), and its training."""

    threads: int = Field(2, ge=1, le=64, title="Threads", description="Processor threads that PyTorch uses.")
    network: Literal["compact", "tutorial", "own"] = Field(
        "compact",
        title="Network",
        description="A compact one that learns in seconds, the tutorial's with 25.8 million weights, or your own.",
    )
    learning_rate: float = Field(
        0.01, ge=1e-6, le=10, title="Learning rate", description="Length of a step; of a schedule, the longest one."
    )
    epochs: int = Field(2, ge=1, le=200, title="Epochs", description="Passes through the training data.")
    noise: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Noise on the pixels",
        description="Standard deviation of Gaussian noise on the training digits (0 is paper, 1 is ink).",
    )
    samples: int = Field(60_000, ge=100, le=60_000, title="Training digits", description="Size of the training set.")
    keep_fraction: float = Field(
        1.0,
        ge=0.05,
        le=1,
        title="Hardest digits",
        description="Share of the training digits that are learnt from: those that a compact network, which learns "
        "all of them first, finds hardest. 1: all digits, without that search.",
    )
    batch_size: int = Field(256, ge=1, le=2_000, title="Batch size", description="Digits in one update.")
    optimizer: Literal["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"] = Field(
        "adam", title="Optimizer", description="The rule of a step."
    )
    schedule: Schedule = Field("onecycle", title="Schedule", description="How the learning rate changes over the run.")
    weight_decay: float = Field(
        0.0, ge=0, le=1, title="Weight decay λ", description="Pulls the weights to zero; against overfitting."
    )
    ema_decay: float = Field(
        0.0,
        ge=0,
        le=0.9999,
        title="Averaging of weights",
        description="Memory of a running average of the weights, which is what is tested and kept; 0: none.",
    )
    label_smoothing: float = Field(
        0.0,
        ge=0,
        le=0.5,
        title="Label smoothing",
        description="Share of the wanted answer that is spread over all ten digits, so that being surer than that "
        "does not pay.",
    )
    early_stopping: bool = Field(
        False,
        title="Early stopping",
        description="Keeps a tenth of the training digits for validation, stops when they have not been read better "
        "for three epochs, and returns to the best weights.",
    )
    without_eval: bool = Field(
        False,
        title="Also without eval()",
        description="Measures the test accuracy a second time as the tutorial does, with dropout left on.",
    )

    transforms: Names[Transform] = Field(
        ("normalize",),
        title="Transforms",
        description="What is done to every digit before the network sees it, in this order.",
    )
    resize: int = Field(20, ge=8, le=56, title="Resize to", description="Side of the picture in pixels.")
    crop: int = Field(24, ge=8, le=56, title="Crop to", description="Side of what is cut out, in pixels.")
    crop_padding: int = Field(0, ge=0, le=8, title="Padding of the random crop", description="Pixels around it.")
    flip: float = Field(0.5, ge=0, le=1, title="Flipped share", description="Probability of a flip.")
    rotation: int = Field(15, ge=0, le=180, title="Rotation", description="Largest angle, in degrees; of Affine too.")
    translate: float = Field(0.1, ge=0, le=0.5, title="Affine: shift", description="Largest shift, as share of a side.")
    scale: float = Field(0.1, ge=0, le=0.5, title="Affine: scale", description="Largest change of the size.")
    shear: int = Field(0, ge=0, le=45, title="Affine: shear", description="Largest angle, in degrees.")
    erasing: float = Field(0.5, ge=0, le=1, title="Erased share", description="Probability that a part is erased.")
    mean: float = Field(0.1307, ge=0, le=1, title="Mean", description="Is subtracted from every pixel.")
    std: float = Field(0.3081, ge=0.01, le=1, title="Deviation", description="Every pixel is divided by it.")
    three_means: bool = Field(
        False, title="Three means", description="Normalize with three means, as for coloured pictures."
    )

    conv_layers: int = Field(2, ge=1, le=4, title="Convolutional layers", description="Each with an activation.")
    channels: int = Field(
        32,
        ge=1,
        le=128,
        title="Channels",
        description="Filters of the first layer; each further layer has twice as many.",
    )
    kernel: int = Field(3, ge=1, le=9, title="Kernel", description="Side of a filter in pixels.")
    padding: int = Field(1, ge=0, le=4, title="Padding", description="Zeros around the picture, in pixels.")
    pooling: Literal["max", "average", "none"] = Field(
        "max", title="Pooling", description="How 2 × 2 pixels become one."
    )
    pool_after: Literal["every", "last"] = Field(
        "every", title="Pooling after", description="Every convolutional layer, or only the last one."
    )
    batch_norm: bool = Field(False, title="Batch norm", description="Normalises every channel over the batch.")
    activation: Literal["relu", "leaky_relu", "gelu", "tanh", "sigmoid"] = Field(
        "relu", title="Activation", description="What is done to every number between the layers."
    )
    linear: int = Field(
        128, ge=0, le=2048, title="Fully connected units", description="Width of the layer before the answer; 0: none."
    )
    dropout: float = Field(0.0, ge=0, le=0.9, title="Dropout", description="Share of the units that are switched off.")

    renamed: ClassVar[Mapping[str, str]] = {
        **CpuOptimizedConfig.renamed,
        "hardest": "keep_fraction",
        "averaging": "ema_decay",
        "deviation": "std",
    }
    log_scaled = frozenset({"learning_rate", "epochs", "samples", "batch_size", "weight_decay", "channels", "linear"})
    near_one = frozenset({"ema_decay"})
    ordered = frozenset({"transforms"})
    live = frozenset({"learning_rate", "weight_decay", "label_smoothing", "epochs", "batch_size"})
    live_above_0 = frozenset({"dropout"})

    @model_validator(mode="after")
    def _check_length(self) -> Self:
        self.check_updates(self.updates, most=MAX_UPDATES)
        return self

    @property
    def validation(self) -> int:
        """Number of digits of the training set that are kept for validation."""
        return self.samples // 10 if self.early_stopping else 0

    @property
    def n_selected(self) -> int:
        """Number of digits that the network learns from, each once in every epoch."""
        return max(1, round(self.keep_fraction * (self.samples - self.validation)))

    @property
    def proxy_config(self) -> "CNNConfig":
        """The settings of the compact network that selects the hardest digits: the same digits, without transforms."""
        same = self.model_dump(include={"seed", "threads", "samples", "early_stopping", "cpu_optimizations"})
        return CNNConfig(**same, epochs=-(-PROXY_SAMPLES // self.samples))

    @property
    def least_loss(self) -> float:
        """The cross-entropy of a network whose outputs equal the targets; above zero with label smoothing."""
        others = self.label_smoothing / 10
        wanted = [1 - 9 * others] + 9 * [others]
        return -sum(share * math.log(share) for share in wanted if share)

    @property
    def updates(self) -> int:
        """Number of updates of the whole run."""
        return self.epochs * batches_per_epoch(self.n_selected, self.batch_size)


PRESETS: dict[str, CNNConfig] = {
    "digits": CNNConfig(),
    "tutorial": CNNConfig(
        network="tutorial",
        learning_rate=1e-3,
        epochs=5,
        batch_size=64,
        schedule="constant",
        mean=0.5,
        std=0.5,
        without_eval=True,
    ),
    "fast": CNNConfig(
        network="tutorial",
        learning_rate=3e-3,
        epochs=1,
        keep_fraction=0.6,
        batch_size=128,
        label_smoothing=0.1,
        ema_decay=0.98,
        transforms=("random_crop", "normalize"),
        crop=28,
        crop_padding=1,
    ),
    "overfit": CNNConfig(samples=500, epochs=60, batch_size=50, learning_rate=1e-3, schedule="constant"),
    "best": CNNConfig(
        network="own",
        learning_rate=3e-3,
        epochs=20,
        keep_fraction=0.5,
        batch_size=128,
        label_smoothing=0.1,
        transforms=("affine", "normalize"),
        rotation=10,
        conv_layers=3,
        channels=24,
        batch_norm=True,
        dropout=0.3,
        ema_decay=0.998,
    ),
    # Where leaky ReLU diverges, ReLU often dies: the loss stays finite, but the network learns no more
    "break": CNNConfig(
        network="own",
        channels=16,
        activation="leaky_relu",
        learning_rate=1.0,
        batch_size=32,
        optimizer="sgd",
        schedule="constant",
    ),
}
