"""The files of an upload, including those in zips, and the classes defined by the folders."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from core.data.image_uploads import EXTENSIONS, is_system_file, is_zip, zip_contents
from core.errors import CoreError
from core.topics.own_images.class_folders import Folders, class_names, folder_levels

# Names of image files in a Teachable Machine project: the class and a number
_TEACHABLE_MACHINE = re.compile(r"(?P<name>.+)-!-\d+\.\w+")
_DESCRIPTIONS = ("manifest.json", "metadata.json")  # files in exports that are not images

Content = bytes | CoreError


class _Source:
    """A zip, or all files outside of zips: the paths, the files, and the folder levels that separate the images."""

    def __init__(
        self, paths: Sequence[PurePosixPath], files: Iterable[tuple[PurePosixPath, Content]], level: int
    ) -> None:
        skipped = [_is_skipped(path) for path in paths]
        self.paths, self.files = [path for path, skip in zip(paths, skipped, strict=True) if not skip], files
        self.skipped = [path.name for path, skip in zip(paths, skipped, strict=True) if skip]
        images = [path for path in self.paths if path.suffix[1:].lower() in EXTENSIONS] or self.paths
        self.levels = folder_levels(map(_folders, images))
        self._level = self.levels[min(level, len(self.levels) - 1)] if self.levels else None
        self._single_folder = next((_folders(path)[-1] for path in images if _folders(path)), None)

    def folder(self, path: PurePosixPath) -> str | None:
        """Return the folder that could define the class of a file, or None if there is no such folder."""
        if self._level:
            return self._level.folder(_folders(path))
        return self._single_folder if _folders(path) else None


class Upload:
    """The files of an upload, including those in zips, and the classes defined by the folders.

    ``files`` holds (path, content) pairs. If there are several folders, the folders at one of the `levels` define the
    classes. ``level`` is the index of this level in `levels`. Index 0 is the best level (see `folder_levels`).
    """

    def __init__(self, files: Iterable[tuple[str, bytes]], level: int = 0):
        paths = [(PurePosixPath(unicodedata.normalize("NFC", name)), data) for name, data in files]
        loose = [(path, data) for path, data in paths if not is_zip(data)]
        self._sources = [_Source([path for path, _data in loose], loose, level)]
        self._damaged: list[tuple[str, CoreError]] = []
        encodings: list[str | None] = []
        for path, data in paths:
            if is_zip(data):
                try:
                    contents = zip_contents(data)
                except CoreError as error:
                    self._damaged.append((path.name, error))
                    continue
                self._sources.append(_Source(contents.paths, contents.unpack(), level))
                encodings.append(contents.encoding)
        self.encodings = sorted({encoding for encoding in encodings if encoding})
        """The guessed encodings of file names in zips (see `decode_names`)."""
        self.skipped = [name for source in self._sources for name in source.skipped]
        """The names of files that are ignored, such as ".DS_Store"."""
        self.levels = max(([level.folders for level in source.levels] for source in self._sources), key=len)
        """The folder names at each level whose folders could define the classes. The best level comes first."""
        folders = {source.folder(path): None for source in self._sources for path in source.paths}
        self.class_names = class_names(folder for folder in folders if folder is not None)
        """Folder -> class name, for each folder that defines a class."""
        self.single_folder: str | None = None
        """The folder that defines no class because there is no other folder, or None."""
        if len(self.class_names) == 1:
            (self.single_folder,), self.class_names = self.class_names, {}

    def __iter__(self) -> Iterator[tuple[str, str | None, Content]]:
        """Yield each file: its name, the name of its class or None, and its content or an error.

        A file in a zip can have an error of `ZipContents.unpack`. A zip that cannot be opened yields a single entry,
        with an error of `zip_contents`.
        """
        for source in self._sources:
            for path, content in source.files:
                if not _is_skipped(path):
                    yield path.name, self.class_names.get(source.folder(path) or ""), content
        for name, error in self._damaged:
            yield name, None, error


def _folders(path: PurePosixPath) -> Folders:
    """Return the folders of a file. The prefix of a file name from Teachable Machine counts as a folder."""
    named = _TEACHABLE_MACHINE.fullmatch(path.name)
    return (*path.parent.parts, named["name"]) if named else path.parent.parts


def _is_skipped(path: PurePosixPath) -> bool:
    return is_system_file(path) or path.name in _DESCRIPTIONS
