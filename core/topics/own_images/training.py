"""Training in the background: features of new images, the head, and its cross-validation."""

import threading
from collections.abc import Callable
from typing import Literal, TypeVar

import torch

from core.errors import CoreError
from core.topics.own_images.backbones import Backbone, load
from core.topics.own_images.config import OwnImagesConfig
from core.topics.own_images.feature_cache import features
from core.topics.own_images.labelled_images import LabelledImages, all_images, all_labels, inputs
from core.topics.own_images.linear_probe import LabelledFeatures, leave_one_out, train_head
from core.topics.own_images.trained_head import TrainedHead

N_FOLDS = 5
_CHUNK = 4  # images between two updates of the progress

Stage = Literal["features", "head", "held_out", "done", "failed", "cancelled"]
Value = TypeVar("Value")
Compute = Callable[[Callable[[], Value]], Value]
"""A function that calls the function passed to it when the processor is available, and returns the result."""


class Training:
    """A run that trains a head on a dataset.

    `start` runs the training in a new thread. Other threads can read the progress. Expensive functions are called
    through ``compute``, so that a server can limit how many of these functions run at the same time.
    """

    def __init__(
        self, dataset: LabelledImages, config: OwnImagesConfig, *, compute: Compute = lambda function: function()
    ):
        self.dataset, self.config = dataset, config
        self.stage: Stage = "features"
        self.done, self.total = 0, 1
        """The progress of the current stage, in images or updates."""
        self.losses: list[float] = []
        self.result: TrainedHead | None = None
        self.error: CoreError | None = None
        self._compute, self._cancelled, self._ended = compute, threading.Event(), threading.Event()

    @property
    def is_active(self) -> bool:
        """Whether the training has not ended yet."""
        return not self._ended.is_set()

    def start(self) -> None:
        """Train in a new thread."""
        threading.Thread(target=self.run, name="own-images", daemon=True).start()

    def wait(self, seconds: float) -> None:
        """Wait at most ``seconds`` seconds for training to end."""
        self._ended.wait(seconds)

    def cancel(self) -> None:
        """End training after the current update or chunk of images."""
        self._cancelled.set()

    def run(self) -> None:
        """Train in the current thread. Set ``result`` on success, or ``error`` on failure."""
        try:
            self.result = self._train()
            self.stage = "done"
        except _Cancelled:
            self.stage = "cancelled"
        except CoreError as error:
            self.stage, self.error = "failed", error
        except Exception as error:
            self.stage, self.error = "failed", CoreError("training_error", message=str(error))
        finally:
            self._ended.set()

    def _train(self) -> TrainedHead:
        backbone = load(self.config.backbone)
        data = LabelledFeatures.from_features(self._features(backbone), all_labels(self.dataset))
        n_classes = len(self.dataset)
        self._begin("head", self.config.epochs)

        def report(loss: float) -> None:
            self.losses.append(loss)
            self._advance(1)

        head, losses = self._compute(lambda: train_head(data, n_classes, self.config, report=report))
        held_out = None
        if int(data.photos.max()) >= 1:
            self._begin("held_out", self.config.epochs * min(N_FOLDS, int(data.photos.max()) + 1))
            held_out = self._compute(
                lambda: leave_one_out(
                    data, n_classes, self.config, max_folds=N_FOLDS, report=lambda _loss: self._advance(1)
                )
            )
        return TrainedHead(self.dataset, self.config, backbone, data, head, losses, held_out)

    def _features(self, backbone: Backbone) -> torch.Tensor:
        """Return the features of all images. Only features that are not cached are computed."""
        images = all_images(self.dataset)
        rows = {image.key: row for image in images if (row := features.find((backbone.name, image.key))) is not None}
        missing = list({image.key: image for image in images if image.key not in rows}.values())
        self._begin("features", len(missing))
        for first in range(0, len(missing), _CHUNK):
            chunk = missing[first : first + _CHUNK]
            computed = self._compute(lambda chunk=chunk: backbone.features(inputs(chunk)))  # type: ignore[misc]
            for image, row in zip(chunk, computed, strict=True):
                rows[image.key] = row.clone()
                features.put((backbone.name, image.key), rows[image.key])
            self._advance(len(chunk))
        return torch.stack([rows[image.key] for image in images])

    def _begin(self, stage: Stage, total: int) -> None:
        self.done, self.total, self.stage = 0, max(1, total), stage

    def _advance(self, count: int) -> None:
        self.done += count
        if self._cancelled.is_set():
            raise _Cancelled


class _Cancelled(Exception):
    """Raised to end training whose result is no longer needed."""
