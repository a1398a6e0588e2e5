"""The state of a session: the user's classes and test images, the training, and the responses to browser requests."""

import io
import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar

import numpy as np
import streamlit as st
from PIL import Image
from torch import Tensor

from core.errors import CoreError
from core.evaluation.metrics import accuracy
from core.topics.own_images import explanation
from core.topics.own_images.config import OwnImagesConfig
from core.topics.own_images.examples import examples, held_out
from core.topics.own_images.explanation import as_pixels, noisy_input, novelty, occluded_inputs, occlusion, shade
from core.topics.own_images.export import model_card
from core.topics.own_images.feature_cache import Cache, features, occluded
from core.topics.own_images.labelled_images import LabelledImages, all_images, framed, trainable
from core.topics.own_images.prepared_image import PreparedImage, read_image
from core.topics.own_images.project import project_zip
from core.topics.own_images.trained_head import TrainedHead, training_key
from core.topics.own_images.training import Training
from pages.components.charts import images
from pages.components.errors import explain
from pages.components.inputs import exchange
from pages.components.inputs.image_classes import Notice
from pages.components.owner import owner
from pages.own_images.workspace import Workspace, workspace

_SESSION = "own_images.session"
_AT_ONCE = 0.4  # seconds that a rerun waits for training, so that a short training run needs no second rerun
_THUMBNAIL = 84  # pixels

_thumbnails: Cache[bytes] = Cache(6_000)
_example_heads: Cache[TrainedHead] = Cache(20)


class _Numbered(Protocol):
    """An edit sent by a component; later edits have larger numbers."""

    @property
    def number(self) -> int: ...


EditT = TypeVar("EditT", bound=_Numbered)


class PageSession:
    """The state of the "Your own images" page in one session."""

    def __init__(self, workspace: Workspace):
        self.workspace = workspace
        self.config = OwnImagesConfig()
        self.training: Training | None = None
        self.trained: TrainedHead | None = None
        self.applied = {"classes": 0, "test": 0}
        """The number of the last applied edit of each component."""
        self.notices: dict[str, Notice] = {}
        self.new_names: dict[str, str] = {}
        """The new name of each renamed class. The browser may send an edit before it receives the new name."""
        self.filled: LabelledImages | None = None
        """The dataset after the last upload."""
        self.exchange = exchange.Exchange()
        self.exchange.show, self.exchange.answer = self.show, self.answer
        self._numbers = itertools.count(1)
        self._key: object = None
        self._n_trained = 0

    # ---- The training

    def follow(self, config: OwnImagesConfig) -> None:
        """Adopt the settings, and start training if the images or the settings that affect the head have changed.

        The call waits a fraction of a second for training to finish. If fewer than two classes contain images, training
        is not started, and the trained head is discarded. If a head for these images and settings is cached, the cached
        head is used instead of training.
        """
        self.config = config
        dataset = self.trainable()
        key = training_key(dataset, config)
        if key != self._key:
            self._key = key
            if self.training:
                self.training.cancel()
            self.training = None
            if not dataset:
                self.trained = None
            elif found := _example_heads.find(key):
                self._take(found)
            else:
                self.training = Training(dataset, config, compute=exchange.compute)
                self.training.start()
                self.training.wait(_AT_ONCE)
        self.collect()

    def collect(self) -> None:
        """If training has finished, use the trained head for predictions."""
        if self.training and (result := self.training.result):
            self.training = None
            self._take(result)
            if result.dataset == framed(examples(), result.config.crop):
                _example_heads.put(result.key, result)

    def trainable(self) -> LabelledImages:
        """Return the classes that contain images, or an empty tuple if there are fewer than two such classes.

        The images are cropped or padded to squares, depending on the settings.
        """
        return trainable(framed(self.workspace.dataset, self.config.crop))

    def _take(self, trained: TrainedHead) -> None:
        self.trained = trained
        self._n_trained += 1

    @property
    def is_training(self) -> bool:
        """Whether training is active, or its result has not been collected yet (see `collect`)."""
        return self.training is not None and (self.training.is_active or self.training.result is not None)

    @property
    def version(self) -> str | None:
        """An identifier that changes when predictions may change, or None if there is no trained head."""
        return f"{self._n_trained}.{self.config.noise}.{self.config.crop}" if self.trained else None

    def apply(self, component: str, edits: Sequence[EditT], apply: Callable[["PageSession", EditT], None]) -> None:
        """Pass each new edit to the callback ``apply``.

        ``component`` is the component that sent the edits: "classes" or "test". If the callback raises CoreError, the
        component shows the error as a notice.
        """
        for edit in edits:
            if edit.number <= self.applied[component]:
                continue
            self.applied[component] = edit.number
            self.notices.pop(component, None)
            try:
                apply(self, edit)
            except CoreError as error:
                self.say(component, Notice(0, "warning", explain(error)))

    def say(self, component: str, notice: Notice) -> None:
        """Show a notice in a component ("classes" or "test"). The notice gets a new number."""
        self.notices[component] = replace(notice, number=next(self._numbers))

    def card(self) -> dict[str, Any] | None:
        """Return the model card of the trained head, or None if there is no trained head."""
        if (trained := self.trained) is None:
            return None
        names = [each.name for each in trained.dataset]
        share = None if trained.held_out is None else accuracy(trained.held_out, trained.data.labels)
        return model_card(names, trained.config, share, len(trained.data.labels))

    def project(self) -> bytes:
        """Return the project file, a zip archive, as bytes."""
        return project_zip(self.workspace.dataset, self.trained.head if self.trained else None, self.card())

    # ---- Browser requests, handled outside Streamlit's session

    def show(self, name: str) -> exchange.Image:
        """Return the thumbnail, test image, or project file called ``name``.

        The parts of ``name`` are separated by slashes. The first part is "thumbnail", "test", or "project". For an
        image, the last part is the key of the image. Raises KeyError for an unknown image.
        """
        kind, *_rest, key = name.split("/")
        if kind == "project":
            return exchange.Image(self.project(), "application/zip")
        image = self.find(key)
        if kind == "thumbnail":
            return exchange.Image(_thumbnails.get(image.key, lambda: _thumbnail(image)), "image/jpeg")
        return exchange.Image(_jpeg(as_pixels(noisy_input(image.pixels, self.config.noise))), "image/jpeg")

    def answer(self, name: str, data: bytes) -> object:
        """Return a prediction for an image or a camera frame, or the occlusion map of an image.

        For an image, ``name`` is "predict/KEY" or "occlusion/KEY", where KEY is the key of the image. For a camera
        frame, ``name`` is "frame", and ``data`` contains the image file of the frame.

        Raises KeyError if the name is unknown or if there is no trained head, and CoreError if the camera frame is
        invalid.
        """
        kind, _, key = name.partition("/")
        trained = self.trained
        if trained is None:
            raise KeyError(name)
        if kind == "frame":
            frame, _notes = read_image("frame", data)
            x = noisy_input(frame.framed(self.config.crop).pixels, self.config.noise)
            return {"shares": _shares(trained, trained.backbone.features(x))}
        answers = {"predict": self._predict, "occlusion": self._occlusion}
        return answers[kind](trained, self.find(key))

    def find(self, key: str) -> PreparedImage:
        """Return the image whose key is ``key``, cropped or padded to a square.

        The class images, the user's test images, and the held-out example images are searched. Raises KeyError if no
        image has this key.
        """
        image = self.workspace.test_images.get(key)
        if image is None:
            groups = (all_images(self.workspace.dataset), (held for _name, held in held_out()))
            image = next((each for each in itertools.chain(*groups) if each.key == key), None)
        if image is None:
            raise KeyError(key)
        return image.framed(self.config.crop)

    def _predict(self, trained: TrainedHead, image: PreparedImage) -> object:
        name, noise = trained.backbone.name, self.config.noise
        clean = features.get((name, image.key), lambda: _features(trained, image, 0.0))
        noisy = features.get((name, image.key, noise), lambda: _features(trained, image, noise)) if noise else clean
        return {
            "shares": _shares(trained, noisy[None]),
            "novelty": novelty(image, clean[None], trained.dataset, trained.data.features),
        }

    def _occlusion(self, trained: TrainedHead, image: PreparedImage) -> object:
        noise = self.config.noise
        x = noisy_input(image.pixels, noise)
        key = (trained.backbone.name, image.key, noise, explanation.STRIDE)
        copies = occluded.get(key, lambda: trained.backbone.features(occluded_inputs(x)))
        importance, least = occlusion(trained.head, copies, (x.shape[2], x.shape[3]))
        shares = trained.head(copies[:1]).softmax(dim=1)[0]
        matters = float(shares.max()) - least >= explanation.MIN_DROP
        shaded = shade(as_pixels(x), importance.numpy() * matters)
        return {
            "image": images.data_url(Image.fromarray(shaded), "JPEG", quality=88),
            "matters": matters,
            "predicted": int(shares.argmax()),
            "whole": float(shares.max()),
            "least": least,
        }


def current() -> PageSession:
    """Return the state of the page in this session. The first call in a session creates the state."""
    if _SESSION not in st.session_state:
        st.session_state[_SESSION] = PageSession(workspace(owner()))
    return st.session_state[_SESSION]


def _features(trained: TrainedHead, image: PreparedImage, noise: float) -> Tensor:
    return trained.backbone.features(noisy_input(image.pixels, noise))[0].clone()


def _shares(trained: TrainedHead, rows: Tensor) -> list[float] | None:
    """Return the class probabilities for features (1, D), or None if the probabilities are not finite."""
    shares = trained.head(rows).softmax(dim=1)[0]
    return shares.tolist() if bool(shares.isfinite().all()) else None


def _thumbnail(image: PreparedImage) -> bytes:
    small = Image.fromarray(image.pixels).resize((_THUMBNAIL, _THUMBNAIL), Image.Resampling.BOX, reducing_gap=2)
    return _encoded(small, quality=80)


def _jpeg(pixels: np.ndarray) -> bytes:
    return _encoded(Image.fromarray(pixels), quality=92)


def _encoded(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
