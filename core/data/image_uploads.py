"""Decode uploaded images, in single files or in zip files. Uploads are untrusted input."""

import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFile

from core.data.transparent_color import scale_transparent_color, without_transparent_color
from core.data.zip_names import decode_names
from core.errors import CoreError

MAX_BYTES = 20 * 2**20
MAX_PIXELS = 50_000_000  # a phone's 48 megapixels
MAX_SIDE = 1024  # pixels on the longer side of a decoded image
MAX_ZIP_FILES = 10_000
MAX_UNZIPPED_BYTES = 400 * 2**20  # for all files in a zip: more is a zip bomb

EXTENSIONS = ("png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff")
"""Extensions of the files that `decode` can read."""

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")  # "JPEG" also opens the MPO files of phones
"""Pillow's names for the formats that `decode` can read."""

# First bytes of image files: if Pillow cannot open such a file, it is damaged
_DAMAGED = re.compile(rb"\x89PNG|\xff\xd8|GIF8|RIFF....WEBP", re.DOTALL)
# First bytes of unsupported image files: HEIC, AVIF, JPEG 2000, JPEG XL, Photoshop, and rare kinds of BMP and TIFF
_UNSUPPORTED = re.compile(
    rb"BM....\0\0\0\0|II[*+]\0|MM\0[*+]|....ftyp(?:hei|hev|mif|msf|avi)|\0\0\0\x0c(?:jP|JXL)|\xff\x0a|8BPS",
    re.DOTALL,
)
_MAX_SCANS = 100  # a progressive JPEG has about ten; decoding 20 MB of scans would take hours
_SYSTEM_FILES = ("thumbs.db", "desktop.ini")
_HIDDEN = re.compile(r"(?:^|/)(?:\.(?!\Z|\.(?:/|\Z))|__MACOSX)")  # in a path without "." as a part
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
    """A decoded image in mode "RGB": upright, without metadata, and with no side longer than `MAX_SIDE` pixels.

    ``notes`` lists the conversions: "first_frame" (all frames except the first were removed), "sixteen_bit" (16-bit
    values were scaled to 8 bits), "stretched" (the range of the values was scaled to 0..255), "transparent"
    (transparent pixels were blended with white), "cmyk" (CMYK colors were converted to RGB), and "shrunk" (the image
    was downscaled).
    """

    image: Image.Image
    notes: tuple[str, ...]


def decode(data: bytes) -> Upload:
    """Decode the content of a PNG, JPEG, GIF, WebP, BMP, or TIFF file.

    Raises CoreError "upload_too_large" (with ``limit`` in MB), "upload_not_a_picture", "upload_unsupported" (for other
    image formats and unsupported variants), "upload_truncated" (for incomplete or damaged files), or
    "upload_too_many_pixels" (with ``limit`` in millions of pixels). The number of pixels is checked before the
    pixels are read.
    """
    if len(data) > MAX_BYTES:
        raise CoreError("upload_too_large", limit=MAX_BYTES // 2**20)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")  # its warnings are harmless or lead to an error below
        opened = _open(data)
        notes: list[str] = []
        size = opened.size
        _load(opened, notes)
        upright = _UPRIGHT.get(_orientation(opened))
        try:
            image = _to_rgb(opened, notes)
        except Exception:  # a mode that Pillow cannot convert, or no finite value
            raise CoreError("upload_unsupported") from None
    if image.size != size:
        notes.append("shrunk")
    if upright is not None:
        image = image.transpose(upright)
    image.info = {}
    return Upload(image, tuple(notes))


def is_zip(data: bytes) -> bool:
    """Return whether ``data`` begins with the signature of a zip file. An empty zip file is also recognized."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


class ZipContents(NamedTuple):
    """The files in an open zip archive.

    ``members`` holds the path of each file and its entry in ``archive``. Folders are not included. The paths are in
    Unicode Normalization Form C. ``encoding`` is Python's name for the guessed encoding of the paths, or None if no
    encoding was guessed.
    """

    archive: zipfile.ZipFile
    members: list[tuple[PurePosixPath, zipfile.ZipInfo]]
    encoding: str | None

    @property
    def paths(self) -> list[PurePosixPath]:
        """The paths of the files."""
        return [path for path, _member in self.members]

    def unpack(self) -> Iterator[tuple[PurePosixPath, bytes | CoreError]]:
        """Yield the path and the content of each file, except system files (see `is_system_file`).

        For an invalid file, yields a CoreError instead of the content: "zip_path_outside" (the path points outside the
        zip), "upload_too_large" (with ``limit`` in MB), "zip_encrypted", "zip_compression" (the compression method is
        not supported), or "upload_truncated".
        """
        for path, member in self.members:
            if not is_system_file(path):
                yield path, _unpacked(self.archive, member, path)


def zip_contents(data: bytes) -> ZipContents:
    """List the files in a zip without unpacking them. ``data`` is the content of the zip file.

    Raises CoreError "zip_damaged", "zip_empty", "zip_too_many" (with ``limit``, the maximum number of files), or
    "zip_too_large" (with ``limit``, the maximum unpacked size in MB).
    """
    archive = _archive(data)
    names, encoding = decode_names(archive.infolist())
    members = [
        (PurePosixPath(unicodedata.normalize("NFC", name)), member)
        for name, member in zip(names, archive.infolist(), strict=True)
        if not name.endswith("/")
    ]
    if not members:
        raise CoreError("zip_empty")
    return ZipContents(archive, members, encoding)


def unzip(data: bytes) -> Iterator[tuple[PurePosixPath, bytes | CoreError]]:
    """Yield the path and the content of each file in a zip, except system files.

    ``data`` is the content of the zip file. For an invalid file, yields a CoreError instead of the content (see
    `ZipContents.unpack`). Raises the same errors as `zip_contents`.
    """
    yield from zip_contents(data).unpack()


def is_system_file(path: PurePosixPath) -> bool:
    """Return whether a file is hidden, or is a system file such as Thumbs.db."""
    return bool(_HIDDEN.search(str(path))) or path.name.lower() in _SYSTEM_FILES


def _archive(data: bytes) -> zipfile.ZipFile:
    """Open a zip, and check that the number of files and their total unpacked size are within the limits."""
    if data.count(b"PK\x01\x02") > MAX_ZIP_FILES:  # checked before zipfile lists them all
        raise CoreError("zip_too_many", limit=MAX_ZIP_FILES)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except Exception:  # damaged files raise nearly any exception
        raise CoreError("zip_damaged") from None
    # `_unpacked` never unpacks more of a file than the size in this list
    if sum(member.file_size for member in archive.infolist()) > MAX_UNZIPPED_BYTES:
        raise CoreError("zip_too_large", limit=MAX_UNZIPPED_BYTES // 2**20)
    return archive


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: PurePosixPath) -> bytes | CoreError:
    """Return the content of a file in a zip, or a CoreError."""
    if path.is_absolute() or ".." in path.parts or re.match("[A-Za-z]:", str(path)):
        return CoreError("zip_path_outside")
    if member.flag_bits & 1:
        return CoreError("zip_encrypted")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return CoreError("zip_compression")  # zipfile would unpack such files all at once, whatever their size
    if member.file_size > MAX_BYTES:
        return CoreError("upload_too_large", limit=MAX_BYTES // 2**20)
    try:
        with archive.open(member) as file:
            return file.read(member.file_size)
    except Exception:  # damaged zips and damaged files raise nearly any exception
        return CoreError("upload_truncated")


def _open(data: bytes) -> ImageFile.ImageFile:
    """Open an image and read only its header."""
    too_many = CoreError("upload_too_many_pixels", limit=MAX_PIXELS // 10**6)
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        raise too_many from None
    except Exception:  # damaged files raise nearly any exception
        if _DAMAGED.match(data):
            raise CoreError("upload_truncated") from None
        raise CoreError("upload_unsupported" if _UNSUPPORTED.match(data) else "upload_not_a_picture") from None
    if image.width * image.height > MAX_PIXELS:
        raise too_many
    if image.format in ("JPEG", "MPO") and data.count(b"\xff\xda") > _MAX_SCANS:
        raise CoreError("upload_unsupported")
    return image


def _load(image: ImageFile.ImageFile, notes: list[str]) -> None:
    """Read the pixels of the first frame, and note conversions."""
    try:
        # The second image of a phone's MPO is a thumbnail or a brightness map
        if image.format != "MPO" and getattr(image, "is_animated", False):
            notes.append("first_frame")
        # Pillow reads 8 bits per color. The 16 bits of a BMP hold three colors
        if image.format != "BMP" and image.mode != "I" and ";16" in str(image.tile[:1]):
            notes.append("sixteen_bit")
        scale_transparent_color(image)
        image.draft(None, (2 * MAX_SIDE, 2 * MAX_SIDE))
        image.load()
    except Exception:
        raise CoreError("upload_truncated") from None


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, from 1 to 8, or 1 (upright) if there is none."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # damaged metadata does not make an image invalid
        return 1


def _to_rgb(image: Image.Image, notes: list[str]) -> Image.Image:
    """Convert an image to RGB with no side longer than `MAX_SIDE`, and note the conversions."""
    box = (MAX_SIDE, MAX_SIDE)
    if image.mode.startswith(("I", "F")):
        opaque = without_transparent_color(image)
        if opaque is not image:
            notes.append("transparent")
        image = opaque.convert("F")
        image.thumbnail(box)
        values = np.array(image, np.float64)
        low, high = 0.0, 65535.0
        if "sixteen_bit" not in notes:
            notes.append("stretched")
            finite = values[np.isfinite(values)]
            low, high = finite.min(), finite.max()
        scaled = (np.nan_to_num(values, nan=low).clip(low, high) - low) / ((high - low) or 1)
        return Image.fromarray((255 * scaled).round().astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        image = (image.convert("LA") if image.mode == "La" else image).convert("RGBA")
        image.thumbnail(box)
        if image.getchannel("A").getextrema()[0] < 255:  # type: ignore[operator]
            notes.append("transparent")
        paper = Image.new("RGB", image.size, "white")
        paper.paste(image, mask=image.getchannel("A"))
        return paper
    if image.mode == "CMYK":
        notes.append("cmyk")
    image = image.convert("RGB")
    image.thumbnail(box)
    return image
