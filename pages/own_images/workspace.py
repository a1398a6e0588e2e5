"""The classes and images of a user, shared by all of the user's browser tabs and kept on the server's disk."""

import asyncio
import threading
from functools import cache
from weakref import WeakValueDictionary

from core.topics.own_images.examples import examples
from core.topics.own_images.labelled_images import LabelledImages
from core.topics.own_images.prepared_image import PreparedImage
from core.topics.own_images.store import ImageStore

_MAX_UNDO = 20
_HOUR = 3600.0  # seconds

_workspaces: WeakValueDictionary[str, "Workspace"] = WeakValueDictionary()
_lock = threading.Lock()


@cache
def store() -> ImageStore:
    """Return the server's store of images."""
    return ImageStore()


async def remove_old_images(every: float = _HOUR) -> None:
    """Repeatedly delete the images of users whose last visit was more than KEEP_DAYS days ago.

    ``every`` is the number of seconds between two deletions. The coroutine never returns. Run it in the server's event
    loop.
    """
    while True:
        await asyncio.sleep(every)
        await asyncio.to_thread(store().remove_old)


class Workspace:
    """The classes and images of one user, initially the app's examples."""

    def __init__(self, owner: str, dataset: LabelledImages | None = None):
        self._owner = owner
        self.dataset: LabelledImages = examples() if dataset is None else dataset
        self.test_images: dict[str, PreparedImage] = {}
        """The user's own test images by key, newest first. They are kept only in memory."""
        self.n_changes = 0
        self._before: list[tuple[str, LabelledImages]] = []

    @property
    def undo_title(self) -> str | None:
        """The title of the change that `undo` would revert, or None if there is no such change."""
        return self._before[-1][0] if self._before else None

    def change(self, dataset: LabelledImages, title: str) -> None:
        """Replace the dataset. ``title`` describes the change for `undo_title`.

        Raises CoreError "images_not_kept" if the new dataset could not be saved. This dataset is then kept only in
        memory.
        """
        if dataset != self.dataset:
            self._before = [*self._before, (title, self.dataset)][-_MAX_UNDO:]
            self.dataset = dataset
            self._save()

    def undo(self) -> None:
        """Revert the last change. Raises the same errors as `change`."""
        if self._before:
            _title, self.dataset = self._before.pop()
            self._save()

    def _save(self) -> None:
        self.n_changes += 1
        if self.dataset == examples():
            store().remove(self._owner)
        else:
            store().save(self._owner, self.dataset)


def workspace(owner: str) -> Workspace:
    """Return the workspace of a user. The workspace stays in memory until the last session that uses it ends."""
    with _lock:
        found = _workspaces.get(owner)
        if found is None:
            found = _workspaces[owner] = Workspace(owner, store().load(owner))
        return found
