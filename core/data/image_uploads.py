"""Pictures that people upload, one by one or in a zip, decoded without trusting them."""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from PIL import Image, ImageFile

from core.errors import CoreError

MOST_BYTES = 20 * 2**20
MOST_PIXELS = 50_000_000  # a phone's 48 megapixels
MOST_SIDE = 1024  # of the decoded picture
MOST_ZIPPED = 2_000  # files in a zip
MOST_UNZIPPED = 400 * 2**20  # bytes of all of them

EXTENSIONS = ("png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff")
"""Those of the pictures that `decode` reads."""

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")  # "JPEG" opens the MPO files of phones too
"""As Pillow calls the kinds of pictures that `decode` reads."""

# How files begin that only damage keeps from being opened
_DAMAGED = re.compile(rb"\x89PNG|\xff\xd8|GIF8|RIFF....WEBP", re.DOTALL)
# And other pictures: rare kinds of BMP and TIFF, HEIC and AVIF, JPEG 2000 and XL, Photoshop
_UNSUPPORTED = re.compile(
    rb"BM....\0\0\0\0|II[*+]\0|MM\0[*+]|....ftyp(?:hei|hev|mif|msf|avi)|\0\0\0\x0c(?:jP|JXL)|\xff\x0a|8BPS",
    re.DOTALL,
)
_MOST_SCANS = 100  # a progressive JPEG has about ten; 20 MB of them would take hours
_ORIENTATION = 0x0112
# Source: EXIF 2.3, 4.6.4 A, tag Orientation
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Upload:
    """A picture of mode "RGB", upright, no side longer than `MOST_SIDE`, without metadata.

    ``notes`` tell what made it so: "first_frame" of several, "sixteen_bit" values scaled to 8 bits, "stretched" from
    its own range of values to 8 bits, "transparent" parts laid on white, "cmyk" of print turned to RGB, "shrunk".
    """

    image: Image.Image
    notes: tuple[str, ...]


def decode(data: bytes) -> Upload:
    """The picture in a PNG, JPEG, GIF, WebP, BMP or TIFF file.

    Raises CoreError "upload_too_large" (limit, in MB), "upload_not_a_picture", "upload_unsupported" (a picture of a
    kind that is not read here), "upload_truncated" (incomplete or damaged) or, by its header alone,
    "upload_too_many_pixels" (limit, in millions).
    """
    if len(data) > MOST_BYTES:
        raise CoreError("upload_too_large", limit=MOST_BYTES // 2**20)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")  # what it warns of is refused below, or does no harm
        image = _open(data)
        size, notes = image.size, []
        _load(image, notes)
        upright = _UPRIGHT.get(_orientation(image))
        try:
            image = _to_rgb(image, notes)
        except Exception:  # a mode that Pillow does not convert, numbers without a finite one
            raise CoreError("upload_unsupported") from None
    if image.size != size:
        notes.append("shrunk")
    if upright is not None:
        image = image.transpose(upright)
    image.info = {}
    return Upload(image, tuple(notes))


def is_zip(data: bytes) -> bool:
    """Whether a file begins as a zip does; an empty one too."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def unzip(data: bytes) -> Iterator[tuple[PurePosixPath, bytes | CoreError]]:
    """The files in a zip, one after another, each by its path there; nothing is written to a disk.

    In place of its bytes a file has what is wrong with it: CoreError "zip_climbs" (a path that leads out of the zip),
    "upload_too_large" (limit, in MB), "zip_locked" or "upload_truncated". Folders and what systems hide are left out.
    Raises CoreError "zip_damaged", "zip_too_many" (limit) or, after the files that came before, "zip_too_large" (limit,
    in MB, of all files unpacked).
    """
    archive, unpacked = _archive(data), 0
    for path, member in _members(archive):
        content = _unpacked(archive, member, path)
        unpacked += len(content) if isinstance(content, bytes) else 0
        if unpacked > MOST_UNZIPPED:
            raise CoreError("zip_too_large", limit=MOST_UNZIPPED // 2**20)
        yield path, content


def zipped_paths(data: bytes) -> list[PurePosixPath]:
    """The paths of the files in a zip that `unzip` gives. Raises CoreError "zip_damaged" or "zip_too_many" (limit)."""
    return [path for path, _member in _members(_archive(data))]


def _archive(data: bytes) -> zipfile.ZipFile:
    if data.count(b"PK\x01\x02") > MOST_ZIPPED:  # before they are all listed
        raise CoreError("zip_too_many", limit=MOST_ZIPPED)
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except Exception:  # damage comes as nearly any exception that there is
        raise CoreError("zip_damaged") from None


def _members(archive: zipfile.ZipFile) -> Iterator[tuple[PurePosixPath, zipfile.ZipInfo]]:
    for member in archive.infolist():
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if not member.is_dir() and not any(part.startswith((".", "__MACOSX")) and part != ".." for part in path.parts):
            yield path, member


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: PurePosixPath) -> bytes | CoreError:
    """A file of a zip. What its header says of its size is not trusted: at most one byte too many is unpacked."""
    if path.is_absolute() or ".." in path.parts or re.match("[A-Za-z]:", str(path)):
        return CoreError("zip_climbs")
    if member.flag_bits & 1:
        return CoreError("zip_locked")
    try:
        with archive.open(member) as file:
            content = file.read(MOST_BYTES + 1)
    except Exception:  # as above: of the zip, of what it is compressed with
        return CoreError("upload_truncated")
    return content if len(content) <= MOST_BYTES else CoreError("upload_too_large", limit=MOST_BYTES // 2**20)


def _open(data: bytes) -> ImageFile.ImageFile:
    """The picture with its header read, and nothing more."""
    too_many = CoreError("upload_too_many_pixels", limit=MOST_PIXELS // 10**6)
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        raise too_many from None
    except Exception:  # damage comes as nearly any exception that there is
        if _DAMAGED.match(data):
            raise CoreError("upload_truncated") from None
        raise CoreError("upload_unsupported" if _UNSUPPORTED.match(data) else "upload_not_a_picture") from None
    if image.width * image.height > MOST_PIXELS:
        raise too_many
    if image.format in ("JPEG", "MPO") and data.count(b"\xff\xda") > _MOST_SCANS:
        raise CoreError("upload_unsupported")
    return image


def _load(image: ImageFile.ImageFile, notes: list[str]) -> None:
    """Read the pixels of the first frame."""
    try:
        # The second picture of a phone's MPO is a smaller one or a map of its brightness
        if image.format != "MPO" and getattr(image, "is_animated", False):
            notes.append("first_frame")
        # Colours are cut to 8 bits each while they are read. The 16 bits of a BMP are those of three colours
        if image.format != "BMP" and image.mode != "I" and ";16" in str(image.tile[:1]):
            notes.append("sixteen_bit")
        image.draft(None, (2 * MOST_SIDE, 2 * MOST_SIDE))
        image.load()
    except Exception:
        raise CoreError("upload_truncated") from None


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1, upright, where there is none."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # a picture with damaged metadata is a picture
        return 1


def _to_rgb(image: Image.Image, notes: list[str]) -> Image.Image:
    """The picture as RGB, no side longer than `MOST_SIDE`."""
    box = (MOST_SIDE, MOST_SIDE)
    if image.mode.startswith(("I", "F")):
        image = image.convert("F")
        image.thumbnail(box)
        values = np.array(image, np.float64)
        low, high = 0.0, 65535.0
        if "sixteen_bit" not in notes:
            notes.append("stretched")
            finite = values[np.isfinite(values)]
            low, high = finite.min(), finite.max()
        share = (np.nan_to_num(values, nan=low).clip(low, high) - low) / ((high - low) or 1)
        return Image.fromarray((255 * share).round().astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        image = (image.convert("LA") if image.mode == "La" else image).convert("RGBA")
        image.thumbnail(box)
        if image.getchannel("A").getextrema()[0] < 255:
            notes.append("transparent")
        paper = Image.new("RGB", image.size, "white")
        paper.paste(image, mask=image.getchannel("A"))
        return paper
    if image.mode == "CMYK":
        notes.append("cmyk")
    image = image.convert("RGB")
    image.thumbnail(box)
    return image
