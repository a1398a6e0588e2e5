"""Settings: the backbone, the training of the head on its features, and the noise on a new image."""

from typing import ClassVar, Literal

from pydantic import Field

from core.training.config import RunConfig

BackboneName = Literal["efficientnet_lite0", "resnet18", "mobilenet_v3_large"]


class OwnImagesConfig(RunConfig):
    """A linear head is trained on the features that a backbone computes from each image."""

    learning_rate: float = Field(
        0.003, ge=1e-5, le=1, title="Learning rate", description="Adam's, for the head; the backbone stays as it is."
    )
    epochs: int = Field(
        60, ge=1, le=1_000, title="Epochs", description="Passes of the head through all features, an update each."
    )
    noise: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Noise level",
        description="Standard deviation of Gaussian noise on the test image (1: white against black).",
    )
    backbone: BackboneName = Field(
        "efficientnet_lite0", title="Backbone", description="The network trained on ImageNet that makes the features."
    )
    weight_decay: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Weight decay",
        description="This times each weight is added to its gradient: L2 regularisation.",
    )
    crop: Literal["center", "whole"] = Field(
        "center", title="Long images", description="What the network sees of an image that is no square."
    )
    log_scaled: ClassVar[frozenset[str]] = frozenset({"learning_rate", "epochs", "weight_decay"})


PRESETS = {"quick": OwnImagesConfig()}
