"""The settings of an autoencoder and its training, with their bounds and presets."""

from typing import Any, Literal, Self, get_args

from pydantic import Field, model_validator

from core.data.corruptions import LIMITS
from core.data.datasets import DATASETS
from core.training.batching import batches_per_epoch
from core.training.config import Names
from core.training.cpu_optimizations import CpuOptimizedConfig
from core.training.schedules import Schedule
from core.translatable import N_

MAX_UPDATES = 200_000

Corruption = Literal["gaussian", "salt_and_pepper", "mosaic", "occlusion", "blur"]
CORRUPTIONS: tuple[Corruption, ...] = get_args(Corruption)
CorruptionLevels = tuple[tuple[Corruption, float], ...]
"""Corruptions with their levels, in the order in which they are applied."""


def _level(name: Corruption, default: float, title: str, description: str) -> Any:
    low, high = LIMITS[name]
    return Field(default, ge=low, le=high, title=title, description=description)


class AutoencoderConfig(CpuOptimizedConfig):
    """The settings for building and training a network that reconstructs clean images from corrupted images."""

    threads: int = Field(2, ge=1, le=64, title="Threads", description="Number of CPU threads that PyTorch uses.")
    data: Literal["mnist", "fashion_mnist"] = Field(
        "mnist", title="Images", description="60,000 images of handwritten digits, or 10,000 images of clothing."
    )
    network: Literal["quick", "linear", "convolutional", "unet"] = Field(
        "quick",
        title="Network",
        description="A quick network, the tutorial's fully connected or convolutional network, or a U-Net.",
    )
    learning_rate: float = Field(
        0.005,
        ge=1e-6,
        le=10,
        title="Learning rate",
        description="The factor by which Adam scales each update. With a schedule, this is the maximum learning rate.",
    )
    epochs: int = Field(2, ge=1, le=100, title="Epochs", description="Number of passes through the training images.")
    noise: float = _level(
        "gaussian",
        0.5,
        N_("Noise level"),
        N_("Standard deviation of the Gaussian noise added to the training images. Pixel values range from 0 to 1."),
    )

    corruptions: Names[Corruption] = Field(
        ("gaussian",),
        title="Corruptions",
        description=(
            "Applied to every training image, in the given order. Without any corruption, the network's input is "
            "also its target."
        ),
    )
    salt_and_pepper: float = _level(
        "salt_and_pepper", 0.2, N_("Salt and pepper"), N_("Fraction of the pixels that become black or white.")
    )
    mosaic: int = _level(
        "mosaic", 4, N_("Mosaic"), N_("Side length of a block in pixels. Each block is replaced by its mean.")
    )
    occlusion: int = _level("occlusion", 10, N_("Missing patch"), N_("Side length of the black square, in pixels."))
    blur: float = _level("blur", 1.5, N_("Blur"), N_("Standard deviation of the Gaussian blur, in pixels."))

    code: int = Field(
        32,
        ge=2,
        le=64,
        title="Code dimension",
        description="Number of values that encode an image in the quick network and in the fully connected network.",
    )
    relu_code: bool = Field(
        False,
        title="ReLU on the code",
        description="Applies a ReLU to the code, as in the tutorial. The values of the code then cannot be negative.",
    )
    sigmoid: bool = Field(
        False,
        title="Sigmoid output",
        description=(
            "A sigmoid at the output keeps the pixel values between 0 and 1. The sigmoid can saturate. With the "
            "binary cross-entropy loss, this setting has no effect, because the loss includes a sigmoid."
        ),
    )
    loss: Literal["mse", "l1", "bce"] = Field(
        "mse", title="Loss", description="The error between the output and the clean image, averaged over the pixels."
    )
    samples: int = Field(
        60_000,
        ge=100,
        le=60_000,
        title="Training images",
        description="Size of the training set. There are 60,000 images of digits, but only 10,000 images of clothing.",
    )
    batch_size: int = Field(
        128, ge=1, le=2_000, title="Batch size", description="Number of training images per update."
    )
    schedule: Schedule = Field(
        "onecycle",
        title="Schedule",
        description="Learning-rate schedule: how the learning rate changes during training.",
    )

    log_scaled = frozenset({"learning_rate", "epochs", "samples", "batch_size", "code"})
    ordered = frozenset({"corruptions"})
    live = frozenset({"learning_rate", "epochs", "batch_size"})

    @model_validator(mode="after")
    def _check_length(self) -> Self:
        self.check_updates(self.updates, most=MAX_UPDATES)
        return self

    @property
    def corruption_levels(self) -> CorruptionLevels:
        """The corruptions of the training images with their levels, in the order in which they are applied."""
        return tuple((name, self.level(name)) for name in self.corruptions)

    def level(self, name: Corruption) -> float:
        """Return the level of a corruption of the training images."""
        return self.noise if name == "gaussian" else getattr(self, name)

    @property
    def pictures(self) -> int:
        """Number of training images: ``samples``, capped at the size of the dataset."""
        return min(self.samples, DATASETS[self.data][0]["train"][1])

    @property
    def ends_in_sigmoid(self) -> bool:
        """Whether the network ends in a sigmoid. With binary cross-entropy, the loss includes the sigmoid instead."""
        return self.sigmoid and self.loss != "bce"

    @property
    def updates(self) -> int:
        """Number of updates in the whole run."""
        return self.epochs * batches_per_epoch(self.pictures, self.batch_size)


PRESETS: dict[str, AutoencoderConfig] = {
    "quick": AutoencoderConfig(),
    "mosaic": AutoencoderConfig(corruptions=("mosaic",), epochs=3, code=64),
    "tutorial_linear": AutoencoderConfig(
        network="linear", relu_code=True, learning_rate=1e-3, epochs=10, batch_size=4, schedule="constant"
    ),
    "tutorial_convolutional": AutoencoderConfig(
        network="convolutional", learning_rate=1e-3, epochs=5, batch_size=64, schedule="constant"
    ),
    "best": AutoencoderConfig(network="unet", epochs=3),
    # One large update makes the inputs of the sigmoid very negative: outputs are black, and the gradient vanishes
    "break": AutoencoderConfig(sigmoid=True, learning_rate=0.3, epochs=1, schedule="constant"),
}
