"""Classes from folders: the folder level that separates the images into classes, and names for the classes."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from core.topics.own_images.prepared_image import clean_class_name, numbered_class_name

Folders = tuple[str, ...]
"""The folders of a file, from the outermost to the innermost."""

_MAX_DEPTH = 20  # of the folders that can be classes
_SPLITS = {"train", "training", "val", "valid", "validation", "test", "testing"}
"""Folders that divide a dataset for training and evaluation. They are classes only if there are no other candidates."""


class FolderLevel(NamedTuple):
    """A level of nested folders. ``depth`` is 0 for the outermost level, 1 for the level inside it, and so on.

    ``root`` is the depth of the outermost level with at least two folders. ``folders`` are the names of the folders
    at ``depth`` (see `folder`), in order of first appearance.
    """

    root: int
    depth: int
    folders: Sequence[str]

    def folder(self, folders: Folders) -> str | None:
        """Return the name of the folder at this level, given all ``folders`` on the path of a file.

        If the file is above this level, the result is its innermost folder, or None if that folder is above level
        ``root``.
        """
        return _folder(folders, self.root, self.depth)


def folder_levels(files: Iterable[Folders]) -> list[FolderLevel]:
    """Return the levels that separate files into at least two folders, the best level first.

    The best level is the outermost one, unless all its folders are "train", "test", or the like. A level that groups
    the files in the same way as a level above it is left out. The result is empty if no level has at least two folders.
    """
    distinct = list(dict.fromkeys(files))
    levels: list[FolderLevel] = []
    groupings: list[list[int]] = []
    root = 0
    for depth in range(min(_MAX_DEPTH, max(map(len, distinct), default=0))):
        names = [_folder(folders, root, depth) for folders in distinct]
        present = list(dict.fromkeys(name for name in names if name is not None))
        if len(present) < 2:
            root = root if levels else depth + 1
            continue
        numbers: dict[str | None, int] = {}
        grouping = [numbers.setdefault(name, len(numbers)) for name in names]
        if grouping not in groupings:
            groupings.append(grouping)
            levels.append(FolderLevel(root, depth, present))
    return sorted(levels, key=lambda level: all(name.casefold() in _SPLITS for name in level.folders))


def _folder(folders: Folders, root: int, depth: int) -> str | None:
    return folders[root : depth + 1][-1] if len(folders) > root else None


def class_names(folders: Iterable[str]) -> dict[str, str]:
    """Return the class name of each folder.

    Different folders get different class names, even if `clean_class_name` returns the same name for them.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    numbers: dict[str, int] = {}
    for folder in sorted(folders, key=lambda folder: clean_class_name(folder) != folder):  # unchanged names first
        if folder in names:
            continue
        name = plain = clean_class_name(folder) or "folder"
        while name in taken:
            numbers[plain] = numbers.get(plain, 1) + 1
            name = numbered_class_name(plain, numbers[plain])
        taken.add(name)
        names[folder] = name
    return names
