"""The classes and their pictures: filled from files that are not trusted, without losing what was good."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np

from core.errors import CoreError
from core.own_pictures.apply import prepare
from core.uploads import decode, is_zip, unzip, zipped_paths

MOST_CLASSES = 10
MOST_PICTURES = 60  # of a class
FEW = 5  # pictures of a class are too few to trust what is measured on them

_LEAST_SIDE = 16  # pixels
_LONGEST_NAME = 30


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
    """An album with new pictures; what was wrong with others, by file; and what was done to some (see `decode`)."""

    album: Album
    count: int
    problems: Sequence[tuple[str, CoreError]]
    notes: Mapping[str, int]


def read_picture(name: str, data: bytes) -> tuple[Picture, Sequence[str]]:
    """The picture in a file, and the notes of `decode`. Raises what that raises, or "picture_too_small" (least)."""
    upload = decode(data)
    if min(upload.image.size) < _LEAST_SIDE:
        raise CoreError("picture_too_small", least=_LEAST_SIDE)
    return picture(name, prepare(upload.image)), upload.notes


def picture(name: str, pixels: np.ndarray) -> Picture:
    """A picture of pixels (224, 224, 3) uint8."""
    return Picture(tidy(name, 60), pixels, hashlib.sha256(pixels.tobytes()).hexdigest())


def tidy(name: str, longest: int = _LONGEST_NAME) -> str:
    """A name without what Markdown or HTML could make of it."""
    return " ".join(re.sub(r"[^\w '&+,.()-]|_{2,}", " ", name).split())[:longest].strip()


def add(album: Album, name: str, files: Iterable[tuple[str, bytes]]) -> Added:
    """Add the pictures in files, by their names, to the class ``name``, which may be new. What is good is added.

    A zip with several folders fills the classes of their names instead. Wrong can be, by file: what `read_picture` and
    `unzip` raise or say, "picture_twice" (in that class already), "picture_elsewhere" (name, the class that has it),
    "class_full" (name, limit) and "too_many_classes" (limit).
    """
    classes = {of.name: list(of.pictures) for of in album}
    owners = {picture.key: of.name for of in album for picture in of.pictures}
    problems, notes, count = [], {}, 0
    for file, target, data in _each(files):
        target = tidy(target or name) or tidy(name)
        try:
            if isinstance(data, CoreError):
                raise data
            if target not in classes and len(classes) >= MOST_CLASSES:
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
        count += 1
        notes |= {note: notes.get(note, 0) + 1 for note in told}
    return Added(tuple(Class(of, tuple(pictures)) for of, pictures in classes.items()), count, problems, notes)


def _each(files: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, str | None, bytes | CoreError]]:
    """Every file, also those in zips: its name, the class that its folder stands for, and its content or problem."""
    for name, data in files:
        if not is_zip(data):
            yield name, None, data
            continue
        try:
            several = len({_folder(path) for path in zipped_paths(data)} - {None}) > 1
            for path, content in unzip(data):
                yield path.name or name, _folder(path) if several else None, content
        except CoreError as error:
            yield name, None, error


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


def check(album: Album) -> None:
    """Whether there is something to be told apart. Raises CoreError "one_class" or "class_empty" (name)."""
    if len(album) < 2:
        raise CoreError("one_class")
    for of in album:
        if not of.pictures:
            raise CoreError("class_empty", name=of.name)
