"""Images as inputs for the backbone: read from untrusted files, made square, and kept as small files."""

import hashlib
import io
import re
import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from core.data.image_uploads import FORMATS, decode
from core.errors import CoreError
from core.topics.own_images.predict import MAX_ASPECT, SIDE, prepare

_MIN_SIDE = 16  # pixels
_MAX_CLASS_NAME, _MAX_FILE_NAME = 30, 60  # characters
_MAX_CHECKED = 500  # characters at each end of a long name
_LONG = 1.6  # above this aspect ratio (camera images are below it), cropping to the center removes much of the image
_MAX_KEPT_BYTES = 60_000  # a larger file is not kept unchanged, even if its image has the right size
_NEAR_COPY_BITS = 4  # the largest number of differing bits (of 64) between the hashes of near copies
_MAX_HASHES = 50_000
_PUNCTUATION = " '&+,.()-_#"
# Zero-width non-joiner and joiner (in emoji, Persian, and Indic scripts), and the tag characters in some emoji flags
_JOINERS = {"\u200c", "\u200d", *map(chr, range(0xE0020, 0xE0080))}


@dataclass(frozen=True)
class PreparedImage:
    """An image of 224 x 224 pixels. ``file`` is a PNG or JPEG file, and ``key`` identifies the image.

    If the original image is not nearly square (see MAX_ASPECT), ``file`` contains only the center of the original, and
    ``whole_file`` contains the whole original, padded to a square. Otherwise, ``whole_file`` is None.
    """

    name: str
    key: str
    file: bytes = field(compare=False, repr=False)
    whole_file: bytes | None = field(default=None, compare=False, repr=False)

    @property
    def pixels(self) -> UInt8[np.ndarray, "224 224 3"]:
        """The pixels of ``file``."""
        return decoded(self.file)

    @property
    def n_bytes(self) -> int:
        """The total size of ``file`` and ``whole_file``, in bytes."""
        return len(self.file) + len(self.whole_file or b"")

    def framed(self, crop: str) -> "PreparedImage":
        """If ``crop`` is "whole" and a padded image exists, return the padded image. Otherwise, return this image."""
        if crop == "center" or self.whole_file is None:
            return self
        return replace(self, key=f"{self.key}-whole", file=self.whole_file, whole_file=None)


def read_image(name: str, data: bytes) -> tuple[PreparedImage, Sequence[str]]:
    """Read an image file in the same way as the exported script. Return the image and notes about conversions.

    The notes are those of `decode` (except "shrunk", because every image is resized), and "long" if cropping to the
    center removes much of the image. Raises the same errors as `decode`, or CoreError "image_too_small" (with
    ``least``, the minimum side length in pixels).
    """
    upload = decode(data)  # rejects unsafe files
    shorter, longer = sorted(upload.image.size)
    if shorter < _MIN_SIDE:
        raise CoreError("image_too_small", least=_MIN_SIDE)
    is_long = longer > MAX_ASPECT * shorter
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")  # as `decode` does
        try:
            pixels = prepare(Image.open(io.BytesIO(data), formats=FORMATS))
            whole = prepare(Image.open(io.BytesIO(data), formats=FORMATS), whole=True) if is_long else None
        except Exception:  # for example, no value is finite after resizing
            raise CoreError("upload_unsupported") from None
    notes = [note for note in upload.notes if note != "shrunk"]
    if not notes and len(data) <= _MAX_KEPT_BYTES and _is_as_it_is(data) and np.array_equal(pixels, decoded(data)):
        return PreparedImage(clean_file_name(name), _key(pixels), data), notes
    return prepared_image(name, pixels, whole), [*notes, "long"] if longer > _LONG * shorter else notes


def prepared_image(name: str, pixels: UInt8[np.ndarray, "224 224 3"], whole: np.ndarray | None = None) -> PreparedImage:
    """Build a `PreparedImage` from the pixels of the cropped image.

    ``whole`` holds the pixels of the padded image, or is None if the original is nearly square.
    """
    whole_file = None if whole is None else _png(whole)
    return PreparedImage(clean_file_name(name), _key(pixels), _png(pixels), whole_file)


def prepared_file(name: str, file: bytes, whole_file: bytes | None = None) -> PreparedImage:
    """Build a `PreparedImage` from its PNG or JPEG files, which this app has written or checked."""
    return PreparedImage(name, _key(decoded(file)), file, whole_file)


def decoded(file: bytes) -> UInt8[np.ndarray, "height width 3"]:
    """Return the pixels of an image file that this app has written or checked."""
    with Image.open(io.BytesIO(file)) as image:
        return np.asarray(image.convert("RGB"))


def is_prepared(file: bytes) -> bool:
    """Return whether an untrusted file is a valid image of 224 x 224 pixels."""
    try:
        return decode(file).image.size == (SIDE, SIDE)
    except CoreError:
        return False


def is_near_copy(image: PreparedImage, other: PreparedImage) -> bool:
    """Return whether two images are near copies of each other, according to their difference hashes."""
    return (_hash(image) ^ _hash(other)).bit_count() <= _NEAR_COPY_BITS


def clean_class_name(name: str) -> str:
    """Return a class name of at most 30 characters, without characters that could be harmful in Markdown or HTML.

    The result is in Unicode's composed form (NFC). If a name is too long, its middle is replaced with an ellipsis.
    """
    return _clean_name(name, _MAX_CLASS_NAME)


def clean_file_name(name: str) -> str:
    """Return a file name of at most 60 characters, without the characters that `clean_class_name` removes."""
    return _clean_name(name, _MAX_FILE_NAME)


def numbered_class_name(name: str, number: int) -> str:
    """Return a class name with a number at the end, such as "cats (2)". The result has at most 30 characters."""
    ending = f" ({number})"
    return _shortened(name, _MAX_CLASS_NAME - len(ending)) + ending


def _clean_name(name: str, max_length: int) -> str:
    if len(name) > 2 * _MAX_CHECKED:
        name = f"{name[:_MAX_CHECKED]}…{name[-_MAX_CHECKED:]}"
    name = unicodedata.normalize("NFC", name)
    kept = name.translate(_cleaned).replace("__", " ")
    kept = re.sub(r"(?<!\w)#", " ", kept)  # "#" can start a heading, but "C#" is a name
    return _shortened(" ".join(kept.split()), max_length)


def _shortened(name: str, max_length: int) -> str:
    """Replace the middle of a long name with "…", without separating combining marks from their letters."""
    if len(name) <= max_length:
        return name
    end = max_length // 2
    start = len(name) - (max_length - end - 1)
    while end and _belongs_to_previous(name, end):
        end -= 1
    while start < len(name) and _belongs_to_previous(name, start):
        start += 1
    return f"{name[:end].rstrip()}…{name[start:].lstrip()}"


def _belongs_to_previous(name: str, index: int) -> bool:
    """Return whether the character at an index is a combining mark or part of the emoji before it."""
    character = name[index]
    is_mark = unicodedata.category(character).startswith("M") or character in _JOINERS or "🏻" <= character <= "🏿"
    return is_mark or name[index - 1] == "\u200d"


def _is_harmless(character: str) -> bool:
    """Return whether a character is a letter, a digit, an emoji (or part of an emoji), or harmless punctuation.

    All characters that Markdown and HTML interpret are ASCII characters. Of the invisible characters, only those in
    _JOINERS are harmless.
    """
    if character.isascii():
        return character.isalnum() or character in _PUNCTUATION
    is_emoji = "\U0001f000" <= character <= "\U0001faff"  # including emoji that this version of Python does not know
    return is_emoji or unicodedata.category(character)[0] in "LMNPS" or character in _JOINERS


def _key(pixels: np.ndarray) -> str:
    return hashlib.sha256(pixels.tobytes()).hexdigest()[:32]


def _png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()


def _is_as_it_is(data: bytes) -> bool:
    """Return whether a file is already an RGB image of the right size, such as a camera frame."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        return image.format in ("PNG", "JPEG") and image.mode == "RGB" and image.size == (SIDE, SIDE)


_hashes: dict[str, int] = {}  # key -> hash; at most _MAX_HASHES


def _hash(image: PreparedImage) -> int:
    """Compute a difference hash: 64 bits, one per comparison of neighboring pixels in a 9 x 8 thumbnail."""
    if image.key not in _hashes:
        if len(_hashes) >= _MAX_HASHES:
            _hashes.clear()
        small = Image.fromarray(image.pixels).convert("L").resize((9, 8), Image.Resampling.BOX)
        rows = np.asarray(small, np.int16)
        _hashes[image.key] = int.from_bytes(np.packbits(rows[:, 1:] > rows[:, :-1]).tobytes(), "big")
    return _hashes[image.key]


class _Cleaned(dict[int, str]):
    """Maps the code of each character to the character, or to a space if the character is not harmless."""

    def __missing__(self, code: int) -> str:
        self[code] = chr(code) if _is_harmless(chr(code)) else " "
        return self[code]


_cleaned = _Cleaned()
