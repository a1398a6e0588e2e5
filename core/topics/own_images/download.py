"""Download files. An interrupted download can be resumed."""

import hashlib
import http.client
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import torch

from core.errors import CoreError

FOLDER = Path(torch.hub.get_dir()) / "checkpoints"  # torchvision keeps its weights there too

_CHUNK = 2**18
_TIMEOUT = 15  # seconds without any received byte
_one_at_a_time = threading.Lock()


def fetch(url: str, path: Path, sha256: str) -> Iterator[tuple[int, int]]:
    """Download a file whose SHA-256 hash begins with ``sha256``; yield (bytes received, total bytes).

    The file is saved to ``path``. If the connection is lost, the bytes received so far stay in a ``.part`` file next to
    ``path``, and the next call resumes the download.

    Raises CoreError "download_unreachable", "download_lost" (with ``got`` and ``total`` in MB), "download_damaged", or
    "download_unwritable", all with ``name``.
    """
    with _one_at_a_time:
        part, name = path.with_suffix(path.suffix + ".part"), path.name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            received, total = part.stat().st_size if part.exists() else 0, 0
        except OSError:
            raise CoreError("download_unwritable", name=name) from None
        try:
            request = urllib.request.Request(url, headers={"Range": f"bytes={received}-"} if received else {})
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
                if response.status != 206:  # the server ignores ranges and sends the whole file
                    received = 0
                total = received + int(response.headers["Content-Length"])
                with part.open("ab" if received else "wb") as file:
                    while chunk := response.read(_CHUNK):
                        file.write(chunk)
                        received += len(chunk)
                        yield received, total
        except urllib.error.HTTPError as error:
            if error.code == 416:  # the partial file is longer than the whole file, so it belongs to a different file
                part.unlink()
                raise CoreError("download_damaged", name=name) from None
            raise CoreError("download_unreachable", name=name) from None
        except (OSError, http.client.HTTPException, TypeError, ValueError):
            pass  # handled below, by the number of received bytes
        if not total:
            raise CoreError("download_unreachable", name=name)
        if received < total:
            raise CoreError("download_lost", name=name, got=received / 2**20, total=total / 2**20)
        if not hashlib.sha256(part.read_bytes()).hexdigest().startswith(sha256):
            part.unlink()
            raise CoreError("download_damaged", name=name)
        part.replace(path)
