"""The classes and their pictures: filled from files that are not trusted, without losing what was good."""

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
from PIL import Image
from torch import Tensor

from core.data.image_uploads import (
    FORMATS,
    decode,
    is_zip,
    unzip,
    zipped_paths,
)
from core.errors import CoreError
from core.topics.own_images.predict import as_input, prepare

MOST_CLASSES = 10
MOST_PICTURES = 60  # of a class
FEW = 5  # pictures of a class are too few to trust what is measured on them

_LEAST_SIDE = 16  # pixels
_LONGEST_NAME = 30
_LONG = 1.1  # one side by the other, from which on it is told that the longer one is cut


@dataclass(frozen=True)
class Picture:
    """A picture as the backbone gets it: ``pixels`` (224, 224, 3) uint8. Its ``key`` is a hash of them."""

    name: str
    pixels: np.ndarray = field(compare=False, repr=False)
    key: str


@dataclass(frozen=True)
class Class:
    """What is to be told apart from the other classes."""

    name: str
    pictures: tuple[Picture, ...] = ()


Album = tuple[Class, ...]


class Added(NamedTuple):
    """An album with new pictures; how many each class got; what was wrong with others, by file; and more to be told.

    ``notes`` say how many pictures have each note of `read_picture`. The ``lone`` folders were the only ones of their
    zips, and so their pictures went into the class that was asked for.
    """

    album: Album
    counts: Mapping[str, int]
    problems: Sequence[tuple[str, CoreError]]
    notes: Mapping[str, int]
    lone: Sequence[str]


def read_picture(name: str, data: bytes) -> tuple[Picture, Sequence[str]]:
    """The picture in a file, as the script that people take home reads it, and what was done to it.

    The notes are those of `decode`, but not "shrunk", which all are here, and "cropped" for the sides of a long one.
    Raises what `decode` raises, or "picture_too_small" (least).
    """
    upload = decode(data)  # refuses what is not safe to be read
    shorter, longer = sorted(upload.image.size)
    if shorter < _LEAST_SIDE:
        raise CoreError("picture_too_small", least=_LEAST_SIDE)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")  # as `decode` does
        try:
            pixels = prepare(Image.open(io.BytesIO(data), formats=FORMATS))
        except Exception:  # numbers without a finite one near the others
            raise CoreError("upload_unsupported") from None
    notes = [note for note in upload.notes if note != "shrunk"]
    return picture(name, pixels), [*notes, "cropped"] if longer > _LONG * shorter else notes


def picture(name: str, pixels: np.ndarray) -> Picture:
    """A picture of pixels (224, 224, 3) uint8."""
    return Picture(tidy(name, 60), pixels, hashlib.sha256(pixels.tobytes()).hexdigest())


def tidy(name: str, longest: int = _LONGEST_NAME) -> str:
    """A name without what Markdown or HTML could make of it."""
    return " ".join(re.sub(r"[^\w '&+,.()-]|_{2,}", " ", name).split())[:longest].strip()


def add(album: Album, name: str, files: Iterable[tuple[str, bytes]], *, placeholders: Collection[str] = ()) -> Added:
    """Add the pictures in files, by their names, to the class ``name``, which may be new. What is good is added.

    A zip with several folders fills the classes of their names instead; then those of the classes ``placeholders`` go
    that are still empty. Wrong can be, by file: what `read_picture` and
    `unzip` raise or say, "picture_twice" (in that class already), "picture_elsewhere" (name, the class that has it),
    "class_full" (name, limit) and "too_many_classes" (limit).
    """
    classes = {of.name: list(of.pictures) for of in album}
    owners = {picture.key: of.name for of in album for picture in of.pictures}
    problems, notes, counts, lone = [], {}, {}, []
    for file, folder, several, data in _each(files):
        target = (several and folder and tidy(folder)) or tidy(name)
        if folder and not several and tidy(folder) not in (target, *lone):
            lone.append(tidy(folder))
        try:
            if isinstance(data, CoreError):
                raise data
            staying = sum(bool(had) or of not in placeholders for of, had in classes.items())
            if target not in classes and staying >= MOST_CLASSES:
                raise CoreError("too_many_classes", limit=MOST_CLASSES)
            if len(classes.get(target, ())) >= MOST_PICTURES:
                raise CoreError("class_full", name=target, limit=MOST_PICTURES)
            found, told = read_picture(file, data)
            if owner := owners.get(found.key):
                raise CoreError("picture_twice") if owner == target else CoreError("picture_elsewhere", name=owner)
        except CoreError as error:
            problems.append((tidy(file, 60), error))
            continue
        classes.setdefault(target, []).append(found)
        owners[found.key] = target
        counts[target] = counts.get(target, 0) + 1
        notes |= {note: notes.get(note, 0) + 1 for note in told}
    if set(counts) - {tidy(name)}:
        classes = {of: pictures for of, pictures in classes.items() if pictures or of not in placeholders}
    return Added(tuple(Class(of, tuple(found)) for of, found in classes.items()), counts, problems, notes, lone)


def _each(files: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, str | None, bool, bytes | CoreError]]:
    """Every file, also those in zips: its name, its folder, whether that is one of several, its content or problem."""
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


def renamed(album: Album, at: int, name: str) -> Album:
    """The album with another name for the class ``at``. Raises CoreError "class_unnamed" or "class_named_twice"."""
    name = tidy(name)
    if not name:
        raise CoreError("class_unnamed")
    if name in (of.name for place, of in enumerate(album) if place != at):
        raise CoreError("class_named_twice", name=name)
    return _with(album, at, replace(album[at], name=name))


def without(album: Album, at: int, keys: Iterable[str]) -> Album:
    """The album without those pictures of the class ``at``."""
    keys = set(keys)
    return _with(album, at, replace(album[at], pictures=tuple(of for of in album[at].pictures if of.key not in keys)))


def _with(album: Album, at: int, of: Class) -> Album:
    return (*album[:at], of, *album[at + 1 :])


def pictures(album: Album) -> list[Picture]:
    """All pictures, class by class."""
    return [picture for of in album for picture in of.pictures]


def labels(album: Album) -> Tensor:
    """The class of each of `pictures`, by its number: int64 (N,)."""
    return torch.tensor([label for label, of in enumerate(album) for _picture in of.pictures])


def inputs(of: Sequence[Picture]) -> Tensor:
    """Pictures as the backbone gets them: float32 (N, 3, 224, 224) in 0..1."""
    return as_input(np.stack([picture.pixels for picture in of]))


def check(album: Album) -> None:
    """Whether there is something to be told apart. Raises CoreError "one_class" or "class_empty" (name)."""
    if len(album) < 2:
        raise CoreError("one_class")
    for of in album:
        if not of.pictures:
            raise CoreError("class_empty", name=of.name)
