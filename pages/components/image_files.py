"""Images that components fetch by an address: a browser keeps them, so they do not travel with every drawing."""

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
_MAX_BYTES = 64_000_000  # of all images; a page that is drawn again puts its own back
_files: OrderedDict[str, bytes] = OrderedDict()  # by a hash of the content, the one that was used last at the end
_lock = Lock()


def address(png: bytes) -> str:
    """Return the address, relative to the app's, at which browsers get an image."""
    name = f"{hashlib.blake2b(png, digest_size=12).hexdigest()}.png"
    with _lock:
        _files[name] = png
        _files.move_to_end(name)
        while sum(map(len, _files.values())) > _MAX_BYTES:
            _files.popitem(last=False)
    return f"{_FOLDER}/{name}"


def content(address: str) -> bytes | None:
    """Return the image at an address, if it is still there."""
    return _files.get(address.removeprefix(f"{_FOLDER}/"))


def sheet(images: np.ndarray) -> bytes:
    """Return images uint8 (rows, columns, H, W) side by side, without gaps, as a grey PNG."""
    rows, columns, height, width = images.shape
    pixels = images.swapaxes(1, 2).reshape(rows * height, columns * width)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _answer(request: Request) -> Response:
    png = content(request.path_params["file"])
    if png is None:
        return Response(status_code=404)
    return Response(png, media_type="image/png", headers=_FOR_EVER)


ROUTE = Route(f"/{_FOLDER}/{{file}}", _answer)
"""The route by which a server gives the images to browsers."""
