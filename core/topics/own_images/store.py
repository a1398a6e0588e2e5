"""The users' classes and images on the server's disk: one folder per user, deleted some days after the last visit."""

import os
import re
import shutil
import threading
import time
from pathlib import Path

from core.errors import CoreError
from core.paths import IMAGES
from core.topics.own_images.labelled_images import LabelledImages
from core.topics.own_images.project import DESCRIPTION, describe, restore

KEEP_DAYS = float(os.environ.get("PLAYGROUND_KEEP_DAYS", "7"))
QUOTA = 4 * 2**30  # bytes, for all users together
_OWNER = re.compile(r"[0-9a-f]{32}")
_DAY = 24 * 3600


class ImageStore:
    """A folder with one subfolder of images per owner. Thread-safe.

    ``owner`` is the ID of a user: 32 lowercase hexadecimal digits. Any other string raises ValueError.
    ``quota`` is the maximum total size of all files, in bytes.
    """

    def __init__(self, folder: Path = IMAGES, *, keep_days: float = KEEP_DAYS, quota: int = QUOTA):
        self.folder, self.keep_days, self.quota = folder, keep_days, quota
        self._lock = threading.Lock()

    def load(self, owner: str) -> LabelledImages | None:
        """Return the dataset of an owner, or None if no dataset can be read.

        The current time is recorded as the owner's last visit. Old folders are removed first (see `remove_old`).
        """
        self.remove_old()
        folder = self._folder(owner)
        with self._lock:
            try:
                description = (folder / DESCRIPTION).read_bytes()
                os.utime(folder / DESCRIPTION)
                return restore(description, lambda path: (folder / Path(path).name).read_bytes(), trusted=True)
            except (OSError, CoreError):
                return None

    def save(self, owner: str, dataset: LabelledImages) -> None:
        """Save the dataset of an owner, and delete the files of images that are no longer in the dataset.

        Raises CoreError "images_not_kept" if the quota would be exceeded or a file cannot be written.
        """
        description, files = describe(dataset, lambda _index, image: image.key)
        folder = self._folder(owner)
        with self._lock:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                kept = {file.name for file in folder.iterdir()}
                new = {name: data for name, data in files.items() if name not in kept}
                if new and self._size() + sum(map(len, new.values())) > self.quota:
                    raise CoreError("images_not_kept")
                for name, data in new.items():
                    _write(folder / name, data)
                _write(folder / DESCRIPTION, description.encode())
                for name in kept - set(files) - {DESCRIPTION}:
                    (folder / name).unlink()
            except OSError:
                raise CoreError("images_not_kept") from None

    def remove(self, owner: str) -> None:
        """Delete the folder of an owner."""
        with self._lock:
            shutil.rmtree(self._folder(owner), ignore_errors=True)

    def remove_old(self) -> None:
        """Delete the folders of all owners whose last visit was more than ``keep_days`` days ago."""
        oldest = time.time() - self.keep_days * _DAY
        with self._lock:
            for file in self.folder.glob(f"*/{DESCRIPTION}"):
                if file.stat().st_mtime < oldest:
                    shutil.rmtree(file.parent, ignore_errors=True)

    def _folder(self, owner: str) -> Path:
        if not _OWNER.fullmatch(owner):
            raise ValueError(f"Not a valid owner: {owner!r}")
        return self.folder / owner

    def _size(self) -> int:
        return sum(file.stat().st_size for file in self.folder.glob("*/*"))


def _write(file: Path, data: bytes) -> None:
    """Write a file atomically."""
    temporary = file.with_name(f".{file.name}")
    temporary.write_bytes(data)
    temporary.replace(file)
