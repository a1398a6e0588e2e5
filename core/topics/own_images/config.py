"""The settings for the user's own images: the backbone, the training of the head, and the noise on test images."""

from typing import ClassVar, Literal

from pydantic import Field

from core.training.config import RunConfig

BackboneName = Literal["efficientnet_lite0", "resnet18", "mobilenet_v3_large"]


class OwnImagesConfig(RunConfig):
    """Settings of a linear head that is trained on the features of a backbone."""

    learning_rate: float = Field(
        0.003, ge=1e-5, le=1, title="Learning rate", description="Learning rate of Adam for the head."
    )
    epochs: int = Field(
        60,
        ge=1,
        le=1_000,
        title="Epochs",
        description="Number of passes through the features of all images. Each pass is one update.",
    )
    noise: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Noise level",
        description="Standard deviation of the Gaussian noise added to the test image. Pixel values range from 0 "
        "(black) to 1 (white).",
    )
    backbone: BackboneName = Field(
        "efficientnet_lite0", title="Backbone", description="The pretrained, frozen network that computes the features."
    )
    weight_decay: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Weight decay",
        description="L2 regularization: adds λ times the parameters to the gradient, where λ is this value.",
    )
    crop: Literal["center", "whole"] = Field(
        "center",
        title="Non-square images",
        description="The network needs a square image. Crop the image to its center, or add gray borders.",
    )
    log_scaled: ClassVar[frozenset[str]] = frozenset({"learning_rate", "epochs", "weight_decay"})


PRESETS = {"quick": OwnImagesConfig()}
