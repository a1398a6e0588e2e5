"""Mutated copies of files that people upload, and functions that read such a file as the app does."""

import io
import os
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from PIL import Image, features

from core.data.image_uploads import decode, is_zip
from core.errors import CoreError
from core.evaluation import model_files
from core.evaluation.model_files import ModelCard
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.model import build, load
from core.topics.own_images.labelled_images import ImageClass, add_files
from core.topics.own_images.project import is_project, open_project, project_zip
from core.topics.playground import table
from tests.image_files import encoded

ZIPS = Path(__file__).with_name("data") / "zips"

_SMALL_CNN = CNNConfig(network="own", channels=2, linear=4, batch_norm=True, cpu_optimizations=())
_TABLES = (
    "x;y;class\n1,5;2,25;a\n-3,5;0;b\n2;7,125;a\n4;-1;b\n",
    "x,y,label\n1.5,2e3,0\n-3,0.25,1\n2,7,0\n4,1,1\n",
    '"a ""quoted"" name"\ty\tklasse\n1\t2\tä\n3\t4\tö\n5\t6\tä\n7\t8\tö\n',
)


@dataclass(frozen=True)
class Upload:
    """A kind of uploaded file: valid examples, and the function that reads its content or raises CoreError."""

    examples: Callable[[], Sequence[bytes]]
    read: Callable[[bytes], object]


def _image(format: str) -> Upload:
    @cache
    def examples() -> Sequence[bytes]:
        pixels = np.random.default_rng(0).integers(0, 256, (24, 30, 3), dtype=np.uint8)
        image = Image.fromarray(pixels)
        modes = {
            "PNG": ("RGB", "RGBA", "P", "I;16", "1"),
            "JPEG": ("RGB", "L", "CMYK"),
            "GIF": ("P", "L"),
            "WEBP": ("RGB", "RGBA"),
            "TIFF": ("RGB", "L", "F", "CMYK"),
            "BMP": ("RGB", "P", "1"),
        }[format]
        plain = [image.convert("L").convert(mode) if ";" in mode else image.convert(mode) for mode in modes]
        options: list[dict[str, object]] = [{}]
        if format == "TIFF":
            options = [{}, {"compression": "tiff_lzw"}, {"compression": "tiff_adobe_deflate"}]
        elif format == "JPEG":
            options = [
                {},
                {"progressive": True},
                {"exif": b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"},
            ]
        elif format == "GIF":
            options = [{}, {"save_all": True, "append_images": [image.rotate(90).quantize(16)]}]
        return [encoded(each, format, **option) for each in plain for option in options]

    return Upload(examples, decode)


@cache
def _zips() -> Sequence[bytes]:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, kind in enumerate(("PNG", "JPEG", "BMP")):
            archive.writestr(f"class {number % 2}/{number}.png", UPLOADS[kind].examples()[number])
    return [buffer.getvalue(), *(path.read_bytes() for path in sorted(ZIPS.glob("zip_*.zip")))]


@cache
def _projects() -> Sequence[bytes]:
    added = add_files((ImageClass("a"), ImageClass("b")), "a", [("images.zip", _zips()[0])])
    return [project_zip(added.dataset, None, None)]


@cache
def _weights() -> Sequence[bytes]:
    card = ModelCard("mnist_cnn", _SMALL_CNN, {"accuracy/test": 0.5}, "MNIST", "2026-01-02T03:04:05+00:00")
    return [model_files.write(build(_SMALL_CNN).state_dict(), card)]


def _read_images(data: bytes) -> None:
    """Open a project file, or add the images of a file to a dataset. Raise its first problem."""
    if is_zip(data) and is_project(data):
        open_project(data)
    else:
        for _file, error in add_files((ImageClass("a"),), "a", [("file.zip", data)]).problems:
            raise error


def _read_weights(data: bytes) -> None:
    weights, card = model_files.read(data, "mnist_cnn", CNNConfig)
    load(card.config, weights)


UPLOADS = {format: _image(format) for format in ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP")} | {
    "zip": Upload(_zips, _read_images),
    "project": Upload(_projects, _read_images),
    "CSV": Upload(lambda: [text.encode(code) for text in _TABLES for code in ("utf-8", "utf-16")], table.read),
    "safetensors": Upload(_weights, _read_weights),
}
if not features.check("webp"):
    del UPLOADS["WEBP"]


_CHANGE = st.tuples(
    st.sampled_from(("overwrite", "insert", "delete", "repeat", "truncate", "join")),
    st.sampled_from(("start", "anywhere", "end")),
    st.integers(0, 2**20 - 1),
    st.binary(min_size=1, max_size=8),
)
MUTATIONS = st.tuples(st.integers(0, 2**10), st.lists(_CHANGE, min_size=1, max_size=8))
"""Which example to change, and one to eight changes: each with its place, as used by `mutate`."""


def mutate(examples: Sequence[bytes], mutation: tuple[int, Sequence[tuple[str, str, int, bytes]]]) -> bytes:
    """Return a changed copy of an example: changed at its start, at its end, or anywhere."""
    number, changes = mutation
    data = bytearray(examples[number % len(examples)])
    for change, where, place, value in changes:
        at = {"start": place % 128, "anywhere": place * len(data) // 2**20, "end": len(data) - place % 128}[where]
        at, count = max(0, min(at, len(data))), value[0]
        if change == "overwrite":
            data[at : at + len(value)] = value
        elif change == "insert":
            data[at:at] = value
        elif change == "delete":
            del data[at : at + count]
        elif change == "repeat":
            data[at:at] = data[at : at + count] * (1 + value[-1] % 8)
        elif change == "truncate":
            del data[max(at, 1) :]
        else:
            data[at:] = examples[count % len(examples)][at:]
    return bytes(data)


def is_read(upload: Upload, data: bytes) -> bool:
    """Read a file. Return False if it was refused with a CoreError. Every other error is raised."""
    try:
        upload.read(data)
    except CoreError:
        return False
    return True


# ---- What a reader must not do

_FORBIDDEN = (
    *("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod"),
    *(
        "os.system",
        "os.exec",
        "os.fork",
        "os.posix_spawn",
        "ctypes.dlopen",
        "subprocess.Popen",
        "socket.connect",
        "pickle.find_class",
    ),
)
_watched = threading.local()


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    acts = getattr(_watched, "acts", None)
    if acts is None:
        return
    if event in _FORBIDDEN or (event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)):
        acts.append(f"{event} {arguments[:2]}")


@cache
def _install_watch() -> None:
    sys.addaudithook(_watch)  # cannot be removed


@contextmanager
def watched() -> Iterator[list[str]]:
    """Collect this thread's forbidden acts in the ``with`` block: changed files, new processes, loaded pickles."""
    _install_watch()
    _watched.acts = acts = list[str]()
    try:
        yield acts
    finally:
        _watched.acts = None
