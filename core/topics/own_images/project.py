"""Serialization of classes and their images as JSON with image files, for project files and for the server's disk."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from core.data.image_uploads import unzip, zip_contents
from core.errors import CoreError
from core.topics.own_images.export import export_zip
from core.topics.own_images.labelled_images import MAX_CLASSES, MAX_IMAGES, MAX_TOTAL_BYTES, ImageClass, LabelledImages
from core.topics.own_images.prepared_image import (
    PreparedImage,
    clean_class_name,
    clean_file_name,
    is_prepared,
    prepared_file,
)

DESCRIPTION = "project.json"
_FORMAT = 1


def describe(dataset: LabelledImages, path: Callable[[int, PreparedImage], str]) -> tuple[str, dict[str, bytes]]:
    """Return the description of a dataset as JSON, and the contents of its image files, keyed by path.

    ``path`` returns the path of an image file, given a class index and an image of this class.
    """
    files: dict[str, bytes] = {}
    classes = []
    for index, each in enumerate(dataset):
        images = []
        for image in each.images:
            entry = {"name": image.name, "file": path(index, image)}
            files[entry["file"]] = image.file
            if image.whole_file is not None:
                entry["whole"] = f"{entry['file']}.whole"
                files[entry["whole"]] = image.whole_file
            images.append(entry)
        classes.append({"name": each.name, "images": images})
    return json.dumps({"format": _FORMAT, "classes": classes}, ensure_ascii=False, indent=1), files


def restore(description: str | bytes, read: Callable[[str], bytes], *, trusted: bool = False) -> LabelledImages:
    """Restore a dataset from its description.

    ``read`` returns the content of the file at a path, or raises KeyError or OSError. If ``trusted`` is false, each
    file is checked with `is_prepared`. Raises CoreError "project_damaged", "project_newer", or "images_full" (with
    ``limit`` in MB).
    """
    try:
        contents = json.loads(description)
        if isinstance(number := contents.get("format"), int) and number > _FORMAT:
            raise CoreError("project_newer")
        classes: list[ImageClass] = []
        for each in contents["classes"][:MAX_CLASSES]:
            name = clean_class_name(str(each["name"]))
            images = tuple(_restored(entry, read, trusted) for entry in each["images"][:MAX_IMAGES])
            if not name or name in (other.name for other in classes):
                raise CoreError("project_damaged")
            classes.append(ImageClass(name, tuple({image.key: image for image in images}.values())))
    except (ValueError, KeyError, TypeError, OSError, RecursionError, AttributeError):
        raise CoreError("project_damaged") from None
    if sum(image.n_bytes for each in classes for image in each.images) > MAX_TOTAL_BYTES:
        raise CoreError("images_full", limit=MAX_TOTAL_BYTES // 2**20)
    return tuple(classes)


def _restored(entry: Mapping[str, Any], read: Callable[[str], bytes], trusted: bool) -> PreparedImage:
    file = read(str(entry["file"]))
    whole = read(str(entry["whole"])) if "whole" in entry else None
    if not trusted and not all(is_prepared(each) for each in (file, whole) if each is not None):
        raise CoreError("project_damaged")
    return prepared_file(clean_file_name(str(entry["name"])), file, whole)


def project_zip(dataset: LabelledImages, head: nn.Linear | None, card: dict[str, Any] | None) -> bytes:
    """Return a project file (zip): one folder of images per class, a description, and the exported head, if any."""
    buffer = io.BytesIO(export_zip(head, card) if head is not None and card is not None else b"")
    description, files = describe(
        dataset, lambda index, image: f"images/{index + 1:02}/{image.key[:16]}.{_ending(image)}"
    )
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr(DESCRIPTION, description)
        for path, data in files.items():
            archive.writestr(path, data)
    return buffer.getvalue()


def is_project(data: bytes) -> bool:
    """Return whether a zip is a project file. Returns False if the zip cannot be opened."""
    try:
        return DESCRIPTION in map(str, zip_contents(data).paths)
    except CoreError:
        return False


def open_project(data: bytes) -> LabelledImages:
    """Read the dataset from a project file without executing any code.

    Raises the same errors as `restore` and `unzip`.
    """
    files = {str(path): content for path, content in unzip(data) if isinstance(content, bytes)}
    if DESCRIPTION not in files:  # damaged
        raise CoreError("project_damaged")
    return restore(files[DESCRIPTION], files.__getitem__)


def _ending(image: PreparedImage) -> str:
    return "png" if image.file.startswith(b"\x89PNG") else "jpg"
