"""Training settings of a convolutional network, with bounds and presets."""

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
"""Minimum number of samples, summed over the epochs, on which the compact network trains before it selects digits."""

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
    """Settings of a convolutional network for MNIST, its image transforms, and its training."""

    threads: int = Field(2, ge=1, le=64, title="Threads", description="Number of CPU threads that PyTorch uses.")
    network: Literal["compact", "tutorial", "own"] = Field(
        "compact",
        title="Network",
        description=(
            "The compact network (trains in seconds), the tutorial's network (25.8 million parameters), or your "
            "own network."
        ),
    )
    learning_rate: float = Field(
        0.01,
        ge=1e-6,
        le=10,
        title="Learning rate",
        description="Factor that scales every update. With a schedule, this is the maximum learning rate.",
    )
    epochs: int = Field(2, ge=1, le=200, title="Epochs", description="Number of passes through the training data.")
    noise: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Pixel noise",
        description=(
            "Standard deviation of the Gaussian noise added to the training digits. Pixel values range from 0 to 1."
        ),
    )
    samples: int = Field(60_000, ge=100, le=60_000, title="Training digits", description="Size of the training set.")
    keep_fraction: float = Field(
        1.0,
        ge=0.05,
        le=1,
        title="Hardest digits kept",
        description="Fraction of the training digits to train on. A compact network trains on all digits first. The "
        "digits with the highest loss are kept. 1: all digits, no selection.",
    )
    batch_size: int = Field(256, ge=1, le=2_000, title="Batch size", description="Number of digits per update.")
    optimizer: Literal["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"] = Field(
        "adam", title="Optimizer", description="Rule that turns gradients into parameter updates."
    )
    schedule: Schedule = Field(
        "onecycle",
        title="Schedule",
        description="Learning-rate schedule: how the learning rate changes during training.",
    )
    weight_decay: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Weight decay λ",
        description="Pulls the weights toward zero, which can reduce overfitting.",
    )
    ema_decay: float = Field(
        0.0,
        ge=0,
        le=0.9999,
        title="Weight averaging (EMA)",
        description="Decay rate of an exponential moving average of the weights. The averaged weights are evaluated "
        "and saved. 0: no averaging.",
    )
    label_smoothing: float = Field(
        0.0,
        ge=0,
        le=0.5,
        title="Label smoothing",
        description=(
            "Fraction of the target probability that is spread evenly over all ten digits. Label smoothing "
            "discourages overconfident predictions."
        ),
    )
    early_stopping: bool = Field(
        False,
        title="Early stopping",
        description="Holds out a tenth of the training digits for validation. Training stops after three epochs "
        "without a higher validation accuracy. The best weights are restored.",
    )
    without_eval: bool = Field(
        False,
        title="Also evaluate without eval()",
        description="Also measures the test accuracy in training mode, as the tutorial does: dropout stays on.",
    )

    transforms: Names[Transform] = Field(
        ("normalize",),
        title="Transforms",
        description="Applied to the digits, in the given order, before they enter the network. Random transforms and "
        "noise change only the training digits.",
    )
    resize: int = Field(20, ge=8, le=56, title="Resize to", description="Side length of the image in pixels.")
    crop: int = Field(24, ge=8, le=56, title="Crop to", description="Side length of the crop in pixels.")
    crop_padding: int = Field(
        0, ge=0, le=8, title="Random crop: padding", description="Pixels added on each side before the random crop."
    )
    flip: float = Field(0.5, ge=0, le=1, title="Flip probability", description="Probability that a digit is flipped.")
    rotation: int = Field(
        15, ge=0, le=180, title="Rotation", description="Largest rotation angle in degrees, for Rotation and Affine."
    )
    translate: float = Field(
        0.1, ge=0, le=0.5, title="Affine: shift", description="Largest shift, as a fraction of the side length."
    )
    scale: float = Field(0.1, ge=0, le=0.5, title="Affine: scale", description="Largest relative change in size.")
    shear: int = Field(0, ge=0, le=45, title="Affine: shear", description="Largest shear angle in degrees.")
    erasing: float = Field(
        0.5, ge=0, le=1, title="Erasing probability", description="Probability that a rectangle is erased from a digit."
    )
    mean: float = Field(
        0.1307, ge=0, le=1, title="Normalize: mean", description="This number is subtracted from every pixel value."
    )
    std: float = Field(
        0.3081,
        ge=0.01,
        le=1,
        title="Normalize: standard deviation",
        description="Every pixel value is divided by this number.",
    )
    three_means: bool = Field(
        False,
        title="Three means",
        description="Normalizes with three means and three standard deviations, as for color images.",
    )

    conv_layers: int = Field(
        2,
        ge=1,
        le=4,
        title="Convolutional layers",
        description="Number of convolutional layers. Each layer is followed by an activation function.",
    )
    channels: int = Field(
        32,
        ge=1,
        le=128,
        title="Channels",
        description="Number of filters in the first layer. The number doubles with each additional layer, up to 256.",
    )
    kernel: int = Field(3, ge=1, le=9, title="Kernel size", description="Side length of a filter in pixels.")
    padding: int = Field(1, ge=0, le=4, title="Padding", description="Width of the border of zeros, in pixels.")
    pooling: Literal["max", "average", "none"] = Field(
        "max", title="Pooling", description="How each block of 2 × 2 pixels is reduced to one pixel."
    )
    pool_after: Literal["every", "last"] = Field(
        "every", title="Pooling after", description="After every convolutional layer, or only after the last one."
    )
    batch_norm: bool = Field(False, title="Batch norm", description="Normalizes every channel over the batch.")
    activation: Literal["relu", "leaky_relu", "gelu", "tanh", "sigmoid"] = Field(
        "relu", title="Activation", description="Nonlinear function applied to the output of each hidden layer."
    )
    linear: int = Field(
        128,
        ge=0,
        le=2048,
        title="Fully connected units",
        description=(
            "Number of units in the hidden fully connected layer before the output layer. 0 removes the hidden layer."
        ),
    )
    dropout: float = Field(
        0.0,
        ge=0,
        le=0.9,
        title="Dropout",
        description="Probability that the output of a unit is set to zero during training.",
    )

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
        """Number of training digits held out for validation: one-tenth with early stopping, otherwise 0."""
        return self.samples // 10 if self.early_stopping else 0

    @property
    def n_selected(self) -> int:
        """Number of digits that the network trains on, each once per epoch."""
        return max(1, round(self.keep_fraction * (self.samples - self.validation)))

    @property
    def proxy_config(self) -> "CNNConfig":
        """Settings of the proxy, a compact network that selects the hardest digits.

        The proxy uses the default transforms.
        """
        same = self.model_dump(include={"seed", "threads", "samples", "early_stopping", "cpu_optimizations"})
        return CNNConfig(**same, epochs=-(-PROXY_SAMPLES // self.samples))

    @property
    def least_loss(self) -> float:
        """Smallest possible cross-entropy: the loss of probabilities that equal the targets.

        With label smoothing, this loss is above zero.
        """
        others = self.label_smoothing / 10
        targets = [1 - 9 * others] + 9 * [others]
        return -sum(target * math.log(target) for target in targets if target)

    @property
    def updates(self) -> int:
        """Number of updates in the whole run."""
        return self.epochs * batches_per_epoch(self.n_selected, self.batch_size)


PRESETS: dict[str, CNNConfig] = {
    "digits": CNNConfig(transforms=("affine", "normalize"), rotation=10, shear=20),
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
    # Leaky ReLU, since ReLU units often die instead: then the loss stays finite, but the network stops learning
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
