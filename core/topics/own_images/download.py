"""Downloads that go on where they were cut off."""

import hashlib
import http.client
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import torch

from core.errors import CoreError

FOLDER = Path(torch.hub.get_dir()) / "checkpoints"  # where torchvision keeps its weights too

_CHUNK = 2**18
_PATIENCE = 15  # seconds without a byte
_one_at_a_time = threading.Lock()


def fetch(url: str, path: Path, sha256: str) -> Iterator[tuple[int, int]]:
    """Download a file whose SHA-256 begins so; yields the bytes had so far, and all of them.

    What was had when the connection was lost stays beside it, as ``.part``, and the next call goes on from there.
    Raises CoreError "download_unreachable" (name), "download_lost" (name, got and total in MB: the next call goes on),
    "download_damaged" (name) or "download_unwritable" (name).
    """
    with _one_at_a_time:
        part, name = path.with_suffix(path.suffix + ".part"), path.name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            had, total = part.stat().st_size if part.exists() else 0, 0
        except OSError:
            raise CoreError("download_unwritable", name=name) from None
        try:
            request = urllib.request.Request(url, headers={"Range": f"bytes={had}-"} if had else {})
            with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
                if answer.status != 206:  # the server gives the whole file only
                    had = 0
                total = had + int(answer.headers["Content-Length"])
                with part.open("ab" if had else "wb") as file:
                    while chunk := answer.read(_CHUNK):
                        file.write(chunk)
                        had += len(chunk)
                        yield had, total
        except urllib.error.HTTPError as error:
            if error.code == 416:  # there is nothing after what was had: it is of something else
                part.unlink()
                raise CoreError("download_damaged", name=name) from None
            raise CoreError("download_unreachable", name=name) from None
        except (OSError, http.client.HTTPException, TypeError, ValueError):
            pass  # by how much is missing
        if not total:
            raise CoreError("download_unreachable", name=name)
        if had < total:
            raise CoreError("download_lost", name=name, got=had / 2**20, total=total / 2**20)
        if not hashlib.sha256(part.read_bytes()).hexdigest().startswith(sha256):
            part.unlink()
            raise CoreError("download_damaged", name=name)
        part.replace(path)
