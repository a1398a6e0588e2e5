"""The trained head of this session: it is trained anew only if images or settings have changed."""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import streamlit as st
from torch import Tensor

from core.topics.own_images import trained_head
from core.topics.own_images.backbones import Backbone, load
from core.topics.own_images.config import OwnImagesConfig
from core.topics.own_images.examples import examples
from core.topics.own_images.labelled_images import PreparedImage, all_images, check_trainable
from core.topics.own_images.trained_head import TrainedHead, image_features, training_key
from pages.components.text import _
from pages.own_images import session_dataset

_FEATURES = "own_images.features"

Value = TypeVar("Value")


def train(config: OwnImagesConfig) -> TrainedHead:
    """Train a head on this session's images. Raises what `check_trainable` and `load` raise."""
    dataset = session_dataset.current()
    check_trainable(dataset)
    if dataset == examples():
        return train_on_examples(config)

    def compute() -> TrainedHead:
        backbone = load(config.backbone)
        return trained_head.train(dataset, _features(backbone, all_images(dataset)), backbone, config)

    key = training_key(dataset, config)
    return cached("own_images.taught", key, compute)._replace(config=config)


def train_on_examples(config: OwnImagesConfig) -> TrainedHead:
    """Train a head on the examples, once for all sessions."""

    def compute() -> TrainedHead:
        features = _example_features(config.backbone)
        return trained_head.train(examples(), features, load(config.backbone), config)

    return of_examples(f"head {config.changed(noise=0.0).model_dump_json()}", compute)._replace(config=config)


def cached(name: str, key: Hashable, compute: Callable[[], Value]) -> Value:
    """Return the session's last value of that name; it is computed anew for another key."""
    entry = st.session_state.get(name)
    if entry is None or entry[0] != key:
        entry = st.session_state[name] = key, compute()
    return entry[1]


@st.cache_resource(max_entries=100, show_spinner=False)
def of_examples(key: str, _compute: Callable[[], Value]) -> Value:
    """Return a value that comes from the app's own images alone; all sessions share it."""
    return _compute()


def _features(backbone: Backbone, images: Sequence[PreparedImage]) -> dict[str, Tensor]:
    """Return the features by the images' keys. Only those of images that are new to this session are computed."""
    cache: dict[str, Tensor] = st.session_state.setdefault(_FEATURES, {}).setdefault(backbone.name, {})
    missing = [image for image in images if image.key not in cache]
    if missing and {image.key for image in missing} <= {image.key for image in all_images(examples())}:
        cache |= _example_features(backbone.name)
    elif missing:
        bar = st.progress(0.0, text=_progress(0, len(missing)))
        done = 0
        for features in image_features(backbone, missing):
            cache |= features
            done += len(features)
            bar.progress(done / len(missing), text=_progress(done, len(missing)))
        bar.empty()
    return cache


def _progress(done: int, total: int) -> str:
    return _("{done} of {all} pictures seen").format(done=done, all=total)


@st.cache_resource(show_spinner=False)
def _example_features(backbone: str) -> dict[str, Tensor]:
    """Return the features of the examples by the images' keys. All sessions share them."""
    return {
        key: row for features in image_features(load(backbone), all_images(examples())) for key, row in features.items()
    }
