"""The settings of a run, as constants of the program in script.py, and the files that the program reads.

The program's ``losses`` equal `TrainedHead.losses` of the run, and its ``probabilities`` equal `TrainedHead.held_out`.
On the same computer, the values are exact. On another computer, the features and therefore the losses may differ by
rounding.

`program_files` contains the images as the backbone sees them. The program also reads the original files, but it does
not convert them in exactly the same way if they have more than 8 bits per value, a PNG file with a single transparent
color, or damaged EXIF metadata. The noise on test images and the baselines are not part of the program.
"""

import hashlib
import io
import re
from collections.abc import Sequence
from pathlib import Path

import safetensors.torch
import torch

from core.compression import read_bytes
from core.export.template import fill
from core.topics.own_images.backbones import BACKBONES
from core.topics.own_images.config import OwnImagesConfig
from core.topics.own_images.example_features import BACKBONE, FILE
from core.topics.own_images.labelled_images import LabelledImages, all_images
from core.topics.own_images.trained_head import TrainedHead

_FOLDER, _FEATURES = "images", "features.pt"
# Names of folders that a computer may hide, rename, or reject
_UNSAFE = re.compile(r"\..*|.*\.|(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


def constants(config: OwnImagesConfig, dataset: LabelledImages) -> dict[str, object]:
    """Return the constants of the program (name -> value) for a head that was trained with these settings."""
    spec = BACKBONES[config.backbone]
    same = ("crop", "backbone", "learning_rate", "epochs", "weight_decay")
    return {name.upper(): getattr(config, name) for name in same} | {
        "MEAN": spec.mean,
        "STD": spec.std,
        "FEATURES": _FEATURES if _contains_examples(config, dataset) else "",
    }


def source(config: OwnImagesConfig, dataset: LabelledImages) -> str:
    """Return a program that trains the same head without this app. See `program_files` for the files that it reads."""
    template = Path(__file__).with_name("script.py").read_text(encoding="utf-8")
    return fill(template, constants(config, dataset))


def program_files(trained: TrainedHead) -> dict[str, bytes]:
    """Return the files that belong next to the program (path -> content).

    These are the images, in one folder for each class. In alphabetical order, the folders and files have the same order
    as in the dataset. If there are example images, whose features were computed on another computer, the features are
    in another file.
    """
    folders = _folder_names([each.name for each in trained.dataset])
    files = {
        f"{_FOLDER}/{folder}/{number:03}.{_suffix(image.file)}": image.file
        for folder, image_class in zip(folders, trained.dataset, strict=True)
        for number, image in enumerate(image_class.images, 1)
    }
    if _contains_examples(trained.config, trained.dataset):
        keys = [hashlib.sha256(image.pixels.tobytes()).hexdigest() for image in all_images(trained.dataset)]
        rows = (row.clone() for row in trained.data.features)
        buffer = io.BytesIO()
        torch.save(dict(zip(keys, rows, strict=True)), buffer)
        files[_FEATURES] = buffer.getvalue()
    return files


def _contains_examples(config: OwnImagesConfig, dataset: LabelledImages) -> bool:
    """Return whether the features of an image ship with the app."""
    keys = {image.key for image in all_images(dataset)}
    return config.backbone == BACKBONE and not keys.isdisjoint(safetensors.torch.load(read_bytes(FILE)))


def _suffix(file: bytes) -> str:
    return "png" if file.startswith(b"\x89PNG") else "jpg"


def _folder_names(classes: Sequence[str]) -> Sequence[str]:
    """Return a folder name for each class: the names of the classes, with numbers in front if necessary."""
    distinct = {name.casefold() for name in classes}
    if list(classes) == sorted(classes) and len(distinct) == len(classes) and not any(map(_UNSAFE.fullmatch, classes)):
        return classes
    return [f"{number:02} {name}".rstrip(" .") for number, name in enumerate(classes, 1)]
