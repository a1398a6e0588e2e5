"""Images that browsers fetch from a URL and cache, so that components do not send them repeatedly."""

import hashlib
import io
from collections import OrderedDict
from threading import Lock

import numpy as np
from PIL import Image
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_FOLDER = "component-images"
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_MAX_BYTES = 64_000_000  # total size of all images; a page adds its images again whenever it is drawn
_files: OrderedDict[str, bytes] = OrderedDict()  # by a hash of the content, most recently used last
_lock = Lock()


def address(png: bytes) -> str:
    """Store a PNG file and return its URL, relative to the app's URL."""
    name = f"{hashlib.blake2b(png, digest_size=12).hexdigest()}.png"
    with _lock:
        _files[name] = png
        _files.move_to_end(name)
        while sum(map(len, _files.values())) > _MAX_BYTES:
            _files.popitem(last=False)
    return f"{_FOLDER}/{name}"


def content(address: str) -> bytes | None:
    """Return the PNG file with a given URL or file name, or None if no such file is stored."""
    return _files.get(address.removeprefix(f"{_FOLDER}/"))


def sheet(images: np.ndarray) -> bytes:
    """Arrange gray uint8 images (rows, columns, H, W) in a grid without gaps, and return the grid as a PNG file."""
    rows, columns, height, width = images.shape
    return png(images.swapaxes(1, 2).reshape(rows * height, columns * width))


def png(pixels: np.ndarray) -> bytes:
    """Return a uint8 image, gray (H, W) or color (H, W, 3), as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _answer(request: Request) -> Response:
    png = content(request.path_params["file"])
    if png is None:
        return Response(status_code=404)
    return Response(png, media_type="image/png", headers=_FOR_EVER)


ROUTE = Route(f"/{_FOLDER}/{{file}}", _answer)
"""The route that serves the images to browsers."""
