"""The example images of the app: five classes that the network is trained on, and images held out from training."""

from functools import cache

from core.errors import CoreError
from core.paths import DATA
from core.topics.own_images.labelled_images import ImageClass, LabelledImages
from core.topics.own_images.prepared_image import PreparedImage, read_image

FOLDER = DATA / "photos"
N_TRAINED = 10  # images of each class; the others are held out
# The first held-out image. Its prediction is correct, and drops from 90 to 57 % if one part of it is blurred. The
# predictions of most others hardly change, so they show little of an occlusion map
_FIRST_HELD_OUT = "red-gazania"


@cache
def examples() -> LabelledImages:
    """Load the example classes, each with N_TRAINED images."""
    return tuple(ImageClass(name, images[:N_TRAINED]) for name, images in _photos().items())


@cache
def held_out() -> tuple[tuple[str, PreparedImage], ...]:
    """Load the held-out images with the names of their classes; after the first one, the classes take turns."""
    by_class = [[(name, image) for image in images[N_TRAINED:]] for name, images in _photos().items()]
    in_turns = [held for turn in zip(*by_class, strict=True) for held in turn]
    return tuple(sorted(in_turns, key=lambda held: held[1].name != _FIRST_HELD_OUT))


@cache
def _photos() -> dict[str, tuple[PreparedImage, ...]]:
    """Load all photos by class. Raises CoreError "data_missing" (file, restore)."""
    photos = {
        folder.name: tuple(read_image(file.stem, file.read_bytes())[0] for file in sorted(folder.glob("*.jpg")))
        for folder in sorted(FOLDER.glob("*/"))
    }
    if not photos or not all(photos.values()):
        raise CoreError("data_missing", file="photos", restore="git checkout -- data/photos")
    return photos
