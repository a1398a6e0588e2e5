"""The user's classes and their images: files are untrusted, and the good ones among them are added."""

import hashlib
import io
import re
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float32, Int64, UInt8
from PIL import Image
from torch import Tensor

from core.data.image_uploads import FORMATS, decode, is_zip, unzip, zipped_paths
from core.errors import CoreError
from core.topics.own_images.predict import as_input, prepare

MAX_CLASSES = 10
MAX_IMAGES = 60  # of a class
FEW_IMAGES = 5  # a class with fewer gives unreliable measurements

_MIN_SIDE = 16  # pixels
_MAX_CLASS_NAME, _MAX_FILE_NAME = 30, 60  # characters
_MAX_ASPECT = 1.1  # from this ratio of the sides on, a note says that the image is cropped


@dataclass(frozen=True)
class PreparedImage:
    """An image as the backbone's input: ``pixels`` (224, 224, 3) uint8. Its ``key`` is a hash of them."""

    name: str
    pixels: np.ndarray = field(compare=False, repr=False)
    key: str


@dataclass(frozen=True)
class ImageClass:
    """A class and its images."""

    name: str
    images: tuple[PreparedImage, ...] = ()


LabelledImages = tuple[ImageClass, ...]


class AddResult(NamedTuple):
    """The ``dataset`` with the added images, the number that each class got, and the problems by file name.

    ``notes`` count the images with each note of `read_image`. ``single_folders`` were the only ones of their zips, so
    they made no class: their images went into the selected class.
    """

    dataset: LabelledImages
    counts: Mapping[str, int]
    problems: Sequence[tuple[str, CoreError]]
    notes: Mapping[str, int]
    single_folders: Sequence[str]


def read_image(name: str, data: bytes) -> tuple[PreparedImage, Sequence[str]]:
    """Read an image file as the exported script does; return the image and notes about conversions.

    The notes are those of `decode` without "shrunk", which applies to all, and "cropped" for a long image. Raises what
    `decode` raises, or "image_too_small" (least).
    """
    upload = decode(data)  # rejects unsafe files
    shorter, longer = sorted(upload.image.size)
    if shorter < _MIN_SIDE:
        raise CoreError("image_too_small", least=_MIN_SIDE)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")  # as `decode` does
        try:
            pixels = prepare(Image.open(io.BytesIO(data), formats=FORMATS))
        except Exception:  # a neighbourhood without a finite value
            raise CoreError("upload_unsupported") from None
    notes = [note for note in upload.notes if note != "shrunk"]
    return prepared_image(name, pixels), [*notes, "cropped"] if longer > _MAX_ASPECT * shorter else notes


def prepared_image(name: str, pixels: UInt8[np.ndarray, "224 224 3"]) -> PreparedImage:
    """Return the image with these pixels."""
    return PreparedImage(clean_file_name(name), pixels, hashlib.sha256(pixels.tobytes()).hexdigest())


def clean_class_name(name: str) -> str:
    """Remove all characters from a class name that Markdown or HTML could interpret; at most 30 remain."""
    return _clean_name(name, _MAX_CLASS_NAME)


def clean_file_name(name: str) -> str:
    """Remove all characters from a file name that Markdown or HTML could interpret; at most 60 remain."""
    return _clean_name(name, _MAX_FILE_NAME)


def _clean_name(name: str, max_length: int) -> str:
    return " ".join(re.sub(r"[^\w '&+,.()-]|_{2,}", " ", name).split())[:max_length].strip()


def add_files(
    dataset: LabelledImages,
    class_name: str,
    files: Iterable[tuple[str, bytes]],
    *,
    placeholders: Collection[str] = (),
) -> AddResult:
    """Add the images in files (name, content) to the class ``class_name``, which may be new. Good files are added.

    A zip with several folders fills the classes of their names instead; classes of ``placeholders`` that are still
    empty are then removed. Problems are the errors of `read_image` and `unzip`, "image_twice" (already in that class),
    "image_elsewhere" (name, the class that has it), "class_full" (name, limit) and "too_many_classes" (limit).
    """
    class_name = clean_class_name(class_name)
    classes = {each.name: list(each.images) for each in dataset}
    owners = {image.key: each.name for each in dataset for image in each.images}
    problems: list[tuple[str, CoreError]] = []
    notes: dict[str, int] = {}
    counts: dict[str, int] = {}
    single_folders: list[str] = []
    for file, folder, one_of_several, content in _unpack_all(files):
        folder = clean_class_name(folder or "")
        target = (one_of_several and folder) or class_name
        if folder and not one_of_several and folder not in (target, *single_folders):
            single_folders.append(folder)
        try:
            if isinstance(content, CoreError):
                raise content
            n_classes = sum(bool(images) or name not in placeholders for name, images in classes.items())
            if target not in classes and n_classes >= MAX_CLASSES:
                raise CoreError("too_many_classes", limit=MAX_CLASSES)
            if len(classes.get(target, ())) >= MAX_IMAGES:
                raise CoreError("class_full", name=target, limit=MAX_IMAGES)
            image, image_notes = read_image(file, content)
            if owner := owners.get(image.key):
                raise CoreError("image_twice") if owner == target else CoreError("image_elsewhere", name=owner)
        except CoreError as error:
            problems.append((clean_file_name(file), error))
            continue
        classes.setdefault(target, []).append(image)
        owners[image.key] = target
        counts[target] = counts.get(target, 0) + 1
        notes |= {note: notes.get(note, 0) + 1 for note in image_notes}
    if set(counts) - {class_name}:
        classes = {name: images for name, images in classes.items() if images or name not in placeholders}
    dataset = tuple(ImageClass(name, tuple(images)) for name, images in classes.items())
    return AddResult(dataset, counts, problems, notes, single_folders)


def _unpack_all(files: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, str | None, bool, bytes | CoreError]]:
    """Yield every file, also those in zips: name, folder, whether its zip has several folders, content or problem."""
    for name, data in files:
        if not is_zip(data):
            yield name, None, False, data
            continue
        try:
            several = len({_folder(path) for path in zipped_paths(data)} - {None}) > 1
            for path, content in unzip(data):
                yield path.name or name, _folder(path), several, content
        except CoreError as error:
            yield name, None, False, error


def _folder(path: PurePosixPath) -> str | None:
    return path.parent.name or None


def rename_class(dataset: LabelledImages, index: int, name: str) -> LabelledImages:
    """Return the dataset with a new name for a class. Raises CoreError "class_unnamed" or "class_named_twice"."""
    name = clean_class_name(name)
    if not name:
        raise CoreError("class_unnamed")
    if name in (each.name for number, each in enumerate(dataset) if number != index):
        raise CoreError("class_named_twice", name=name)
    return _replace_class(dataset, index, replace(dataset[index], name=name))


def remove_images(dataset: LabelledImages, index: int, keys: Collection[str]) -> LabelledImages:
    """Return the dataset without the images of a class that have these keys."""
    images = tuple(image for image in dataset[index].images if image.key not in keys)
    return _replace_class(dataset, index, replace(dataset[index], images=images))


def _replace_class(dataset: LabelledImages, index: int, image_class: ImageClass) -> LabelledImages:
    return (*dataset[:index], image_class, *dataset[index + 1 :])


def all_images(dataset: LabelledImages) -> list[PreparedImage]:
    """Return all images, class by class."""
    return [image for each in dataset for image in each.images]


def all_labels(dataset: LabelledImages) -> Int64[Tensor, " images"]:
    """Return the class number of each of `all_images`."""
    return torch.tensor([label for label, each in enumerate(dataset) for _image in each.images])


def inputs(images: Sequence[PreparedImage]) -> Float32[Tensor, "images 3 224 224"]:
    """Return the backbone's inputs, in 0..1."""
    return as_input(np.stack([image.pixels for image in images]))


def check_trainable(dataset: LabelledImages) -> None:
    """Check that there are two classes with images. Raises CoreError "one_class" or "class_empty" (name)."""
    if len(dataset) < 2:
        raise CoreError("one_class")
    for each in dataset:
        if not each.images:
            raise CoreError("class_empty", name=each.name)
