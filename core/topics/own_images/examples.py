"""The pictures that come with the app: five classes that are taught already, and some pictures that were held out."""

from functools import cache

from core.errors import CoreError
from core.paths import DATA
from core.topics.own_images.labelled_images import (
    Album,
    Class,
    Picture,
    read_picture,
)

FOLDER = DATA / "photos"
TAUGHT = 10  # of each class; the others are new to the network
# Comes first of the new ones: its answer is right, and falls from 90 to 57 % when one part of it is blurred.
# Most others are recognised whatever part is blurred, and show little of what matters
FIRST = "red-gazania"


@cache
def examples() -> Album:
    """The classes, each with TAUGHT pictures."""
    return tuple(Class(name, pictures[:TAUGHT]) for name, pictures in _all().items())


@cache
def held_out() -> tuple[tuple[str, Picture], ...]:
    """Pictures that are not among the examples, each with its class's name: `FIRST`, then the classes take turns."""
    rest = [[(name, picture) for picture in pictures[TAUGHT:]] for name, pictures in _all().items()]
    turns = [picture for turn in zip(*rest, strict=True) for picture in turn]
    return tuple(sorted(turns, key=lambda held: held[1].name != FIRST))


@cache
def _all() -> dict[str, tuple[Picture, ...]]:
    """Raises CoreError "data_missing" (file, restore)."""
    found = {
        folder.name: tuple(read_picture(file.stem, file.read_bytes())[0] for file in sorted(folder.glob("*.jpg")))
        for folder in sorted(FOLDER.glob("*/"))
    }
    if not found or not all(found.values()):
        raise CoreError("data_missing", file="photos", restore="git checkout -- data/photos")
    return found
