"""The user's classes and their images. Uploads are untrusted: invalid files are reported and not added."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from core.errors import CoreError
from core.topics.own_images.predict import as_input
from core.topics.own_images.prepared_image import (
    PreparedImage,
    clean_class_name,
    clean_file_name,
    is_near_copy,
    read_image,
)
from core.topics.own_images.uploads import Upload

MAX_CLASSES = 20
MAX_IMAGES = 200  # per class
MAX_TOTAL_BYTES = 100 * 2**20  # of all images of a user
FEW_IMAGES = 5  # with fewer images in a class, the accuracy is unreliable


@dataclass(frozen=True)
class ImageClass:
    """A class of images: its name and its images."""

    name: str
    images: tuple[PreparedImage, ...] = ()


LabelledImages = tuple[ImageClass, ...]


class AddResult(NamedTuple):
    """The result of `add_files`.

    - ``dataset``: the dataset, including the added images.
    - ``counts``: class name -> number of images added to this class.
    - ``problems``: (file name, error) pairs.
    - ``notes``: note of `read_image` -> number of added images with this note.
    - ``near_copies``: class name -> number of images that are near copies of an image in this class, but were added to
      another class.
    - ``upload``: the uploaded files and their folders.
    """

    dataset: LabelledImages
    counts: Mapping[str, int]
    problems: Sequence[tuple[str, CoreError]]
    notes: Mapping[str, int]
    near_copies: Mapping[str, int]
    upload: Upload


def add_files(
    dataset: LabelledImages,
    class_name: str,
    files: Iterable[tuple[str, bytes]],
    *,
    level: int = 0,
    placeholders: Collection[str] = (),
) -> AddResult:
    """Add images from files (path, content) to the class ``class_name``, which may be new. Report invalid files.

    If the files are in several folders, including folders in zips, images are instead added to classes named after the
    folders. In this case, empty classes whose names are in ``placeholders`` are removed. For ``level``, see `Upload`.

    The errors in ``problems`` are those of `read_image`, `zip_contents`, and `ZipContents.unpack`, and the
    following errors: "image_twice" if the class already contains the image, "image_elsewhere" (with the ``name`` of the
    class) if another class contains the image, "class_full" (with ``name`` and ``limit``), "too_many_classes" (with
    ``limit``), and "images_full" (with ``limit`` in MB).
    """
    class_name = clean_class_name(class_name)
    classes = {each.name: list(each.images) for each in dataset}
    owners = {image.key: each.name for each in dataset for image in each.images}
    n_bytes = sum(image.n_bytes for image in all_images(dataset))
    problems: list[tuple[str, CoreError]] = []
    notes: dict[str, int] = {}
    counts: dict[str, int] = {}
    near_copies: dict[str, int] = {}
    upload = Upload(files, level)
    for file, folder_class, content in upload:
        target = folder_class or class_name
        try:
            if isinstance(content, CoreError):
                raise content
            n_classes = sum(bool(images) or name not in placeholders for name, images in classes.items())
            if target not in classes and n_classes >= MAX_CLASSES:
                raise CoreError("too_many_classes", limit=MAX_CLASSES)
            if len(classes.get(target, ())) >= MAX_IMAGES:
                raise CoreError("class_full", name=target, limit=MAX_IMAGES)
            if n_bytes > MAX_TOTAL_BYTES:
                raise CoreError("images_full", limit=MAX_TOTAL_BYTES // 2**20)
            image, image_notes = read_image(file, content)
            if owner := owners.get(image.key):
                raise CoreError("image_twice") if owner == target else CoreError("image_elsewhere", name=owner)
        except CoreError as error:
            problems.append((clean_file_name(file), error))
            continue
        for name, others in classes.items():
            if name != target and any(is_near_copy(image, other) for other in others):
                near_copies[name] = near_copies.get(name, 0) + 1
        classes.setdefault(target, []).append(image)
        owners[image.key] = target
        n_bytes += image.n_bytes
        counts[target] = counts.get(target, 0) + 1
        notes |= {note: notes.get(note, 0) + 1 for note in image_notes}
    if set(counts) - {class_name}:
        classes = {name: images for name, images in classes.items() if images or name not in placeholders}
    dataset = tuple(ImageClass(name, tuple(images)) for name, images in classes.items())
    return AddResult(dataset, counts, problems, notes, near_copies, upload)


def rename_class(dataset: LabelledImages, index: int, name: str) -> LabelledImages:
    """Return the dataset with the class at ``index`` renamed.

    `clean_class_name` is applied to the new name. Raises CoreError "class_unnamed" if the result is empty, or
    "class_named_twice" (with ``name``) if another class already has this name.
    """
    name = clean_class_name(name)
    if not name:
        raise CoreError("class_unnamed")
    if name in (each.name for number, each in enumerate(dataset) if number != index):
        raise CoreError("class_named_twice", name=name)
    return _replace_class(dataset, index, replace(dataset[index], name=name))


def remove_images(dataset: LabelledImages, index: int, keys: Collection[str]) -> LabelledImages:
    """Remove each image whose key is in ``keys`` from the class at ``index``, and return the new dataset."""
    images = tuple(image for image in dataset[index].images if image.key not in keys)
    return _replace_class(dataset, index, replace(dataset[index], images=images))


def move_images(dataset: LabelledImages, keys: Collection[str], target: int) -> LabelledImages:
    """Move each image whose key is in ``keys`` to the class at index ``target``, and return the new dataset.

    If the target class becomes full, the remaining images stay in their classes.
    """
    room = MAX_IMAGES - len(dataset[target].images)
    others = [image for number, each in enumerate(dataset) if number != target for image in each.images]
    moved = [image for image in others if image.key in keys][:room]
    moved_keys = {image.key for image in moved}
    for index in range(len(dataset)):
        if index != target:
            dataset = remove_images(dataset, index, moved_keys)
    return _replace_class(dataset, target, replace(dataset[target], images=(*dataset[target].images, *moved)))


def framed(dataset: LabelledImages, crop: str) -> LabelledImages:
    """Return the dataset with all images cropped or padded, depending on ``crop``; see `PreparedImage.framed`."""
    return tuple(replace(each, images=tuple(image.framed(crop) for image in each.images)) for each in dataset)


def trainable(dataset: LabelledImages) -> LabelledImages:
    """Return the classes that contain images, or an empty tuple if there are fewer than two such classes."""
    classes = tuple(each for each in dataset if each.images)
    return classes if len(classes) >= 2 else ()


def _replace_class(dataset: LabelledImages, index: int, image_class: ImageClass) -> LabelledImages:
    return (*dataset[:index], image_class, *dataset[index + 1 :])


def all_images(dataset: LabelledImages) -> list[PreparedImage]:
    """Return the images of all classes, class by class."""
    return [image for each in dataset for image in each.images]


def all_labels(dataset: LabelledImages) -> Int64[Tensor, " images"]:
    """Return the class index of each image, in the order of `all_images`, as int64."""
    return torch.tensor([label for label, each in enumerate(dataset) for _image in each.images])


def inputs(images: Sequence[PreparedImage]) -> Float32[Tensor, "images 3 224 224"]:
    """Convert images to backbone inputs with values in 0..1."""
    return as_input(np.stack([image.pixels for image in images]))
