"""A cache of image features for all tests, because a backbone takes 40 ms per image."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest
import torch
from torch import Tensor

from core.topics.own_images.backbones import Backbone


class FeatureCache:
    """A folder with the features of each image. Features do not depend on other images in the batch."""

    def __init__(self, folder: Path, compute: Callable[[Backbone, Tensor], Tensor] = Backbone.features):
        self.folder, self.compute = folder, compute
        self._rows: dict[Path, Tensor] = {}

    def features(self, backbone: Backbone, x: Tensor) -> Tensor:
        """Return the features of images as `Backbone.features` does. New images are computed in one batch."""
        files = [self._file(backbone, image) for image in x]
        missing = [index for index, file in enumerate(files) if file not in self._rows and not self._read(file)]
        if missing:
            for index, row in zip(missing, self.compute(backbone, x[missing]), strict=True):
                self._write(files[index], row)
        return torch.stack([self._rows[file] for file in files])

    def _file(self, backbone: Backbone, image: Tensor) -> Path:
        return self.folder / f"{backbone.name}-{hashlib.sha256(image.contiguous().numpy().tobytes()).hexdigest()}"

    def _read(self, file: Path) -> bool:
        if file.exists():
            self._rows[file] = torch.load(file, weights_only=True)
        return file in self._rows

    def _write(self, file: Path, row: Tensor) -> None:
        self._rows[file] = row.clone()
        with NamedTemporaryFile(dir=self.folder, delete=False) as temporary:
            torch.save(self._rows[file], temporary)
        os.replace(temporary.name, file)  # atomically, because other processes read it


@pytest.fixture(scope="session")
def feature_cache(tmp_path_factory) -> FeatureCache:
    """The features shared by all processes of this test run."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # each process has its own subfolder in the folder of the test run
        folder = folder.parent
    folder /= "features"
    folder.mkdir(exist_ok=True)
    return FeatureCache(folder)


@pytest.fixture
def cached_features(feature_cache, monkeypatch) -> None:
    """Make backbones compute features only for images that are not cached yet."""
    monkeypatch.setattr(Backbone, "features", lambda backbone, x: feature_cache.features(backbone, x))
