"""The example images of the app: training images of five classes, and held-out images for testing."""

from functools import cache

from core.errors import CoreError
from core.paths import DATA
from core.topics.own_images.labelled_images import ImageClass, LabelledImages
from core.topics.own_images.prepared_image import PreparedImage, read_image

FOLDER = DATA / "photos"
N_TRAINED = 10  # training images of each class; the others are held out
# The first held-out image. The prediction for it is correct, and the predicted probability drops from 90% to 57% if one
# part is blurred. For most other images, the probability hardly changes, so the occlusion map shows little
_FIRST_HELD_OUT = "red-gazania"


@cache
def examples() -> LabelledImages:
    """Load the example classes with N_TRAINED training images each.

    Raises CoreError "data_missing" (with ``file`` and ``restore``).
    """
    return tuple(ImageClass(name, images[:N_TRAINED]) for name, images in _photos().items())


@cache
def held_out() -> tuple[tuple[str, PreparedImage], ...]:
    """Load the held-out images as (class name, image) pairs. After the first image, the classes alternate.

    Raises CoreError "data_missing" (with ``file`` and ``restore``).
    """
    by_class = [[(name, image) for image in images[N_TRAINED:]] for name, images in _photos().items()]
    alternating = [entry for entries in zip(*by_class, strict=True) for entry in entries]
    return tuple(sorted(alternating, key=lambda entry: entry[1].name != _FIRST_HELD_OUT))


@cache
def _photos() -> dict[str, tuple[PreparedImage, ...]]:
    """Load all photos by class. Raises CoreError "data_missing" (with ``file`` and ``restore``)."""
    photos = {
        folder.name: tuple(read_image(file.stem, file.read_bytes())[0] for file in sorted(folder.glob("*.jpg")))
        for folder in sorted(FOLDER.glob("*/"))
    }
    if not photos or not all(photos.values()):
        raise CoreError("data_missing", file="photos", restore="git checkout -- data/photos")
    return photos
